package cache

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/mullion-dev/mullion/pkg/bundle"
)

// The directories below that of a cache.
const (
	blobsDirectory    = "sha256"
	partialsDirectory = "partial"
)

// Source is where the files of a bundle come from. Reading ends when the context ends that the source was made with.
type Source interface {
	Digest() string
	Manifest() *bundle.Manifest
	Read(file bundle.File) (io.ReadCloser, error)
}

// Cache keeps files of bundles.
type Cache struct {
	root  *os.Root
	limit int64 // bytes

	mu    sync.Mutex
	blobs map[string]*blob // by digest, in hexadecimal digits
	clock uint64           // moves with every use
}

// blob is one file of the cache, or one that is about to be. Its mutex is that of the cache, except for fetching.
type blob struct {
	size     int64
	holders  int
	used     uint64
	present  bool
	verified bool
	// fetching has room for one: whoever put something in it verifies and fetches.
	fetching chan struct{}
}

// Open opens a cache of at most limit bytes. What an interrupted process has left half-written is deleted.
func Open(directory string, limit int64) (*Cache, error) {
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return nil, fmt.Errorf("making bundle cache: %w", err)
	}
	root, err := os.OpenRoot(directory)
	if err != nil {
		return nil, fmt.Errorf("opening bundle cache: %w", err)
	}
	c := &Cache{root: root, limit: limit, blobs: map[string]*blob{}}
	if err := c.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("opening bundle cache %s: %w", directory, err), root.Close())
	}
	return c, nil
}

// Close closes the directory. Files that were opened stay open.
func (c *Cache) Close() error { return c.root.Close() }

func (c *Cache) load() error {
	if err := c.root.RemoveAll(partialsDirectory); err != nil {
		return err
	}
	for _, directory := range []string{blobsDirectory, partialsDirectory} {
		if err := c.root.MkdirAll(directory, 0o700); err != nil {
			return err
		}
	}
	directory, err := c.root.Open(blobsDirectory)
	if err != nil {
		return err
	}
	defer directory.Close()
	entries, err := directory.ReadDir(-1)
	if err != nil {
		return err
	}
	var found []os.FileInfo
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if raw, err := hex.DecodeString(entry.Name()); err == nil && len(raw) == 32 && info.Mode().IsRegular() {
			found = append(found, info)
		}
	}
	// The time of change is that of the last use by an earlier process.
	slices.SortFunc(found, func(a, b os.FileInfo) int {
		return cmp.Or(a.ModTime().Compare(b.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	for _, info := range found {
		c.clock++
		c.blobs[info.Name()] = &blob{size: info.Size(), used: c.clock, present: true, fetching: make(chan struct{}, 1)}
	}
	return nil
}

// Fetch has all files of a bundle in the cache when it returns, and keeps them there until the bundle is released.
func (c *Cache) Fetch(ctx context.Context, source Source) (*Bundle, error) {
	manifest := source.Manifest()
	held := c.hold(source.Digest(), manifest)
	for _, file := range manifest.Files {
		if err := c.ensure(ctx, source, file); err != nil {
			held.Release()
			return nil, fmt.Errorf("fetching bundle %s: %s: %w", source.Digest(), file.Path, err)
		}
	}
	return held, nil
}

// hold keeps files from being evicted, those that are not there yet included.
func (c *Cache) hold(digest string, manifest *bundle.Manifest) *Bundle {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, file := range manifest.Files {
		b := c.blobs[file.SHA256]
		if b == nil {
			b = &blob{size: file.Size, fetching: make(chan struct{}, 1)}
			c.blobs[file.SHA256] = b
		}
		c.clock++
		b.holders++
		b.used = c.clock
	}
	return &Bundle{Digest: digest, Manifest: manifest, cache: c}
}

// release lets files be evicted. Those that never came are forgotten.
func (c *Cache) release(manifest *bundle.Manifest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, file := range manifest.Files {
		b := c.blobs[file.SHA256]
		b.holders--
		if b.holders == 0 && !b.present {
			delete(c.blobs, file.SHA256)
		}
	}
}

// Size is how many bytes are in the cache.
func (c *Cache) Size() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.size()
}

func (c *Cache) size() int64 {
	var size int64
	for _, b := range c.blobs {
		if b.present {
			size += b.size
		}
	}
	return size
}
