package cache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	"github.com/mullion-dev/mullion/pkg/bundle"
)

// CorruptError is content that is not what the manifest says.
type CorruptError struct{ Reason string }

func (e *CorruptError) Error() string { return "is corrupt: " + e.Reason }

// ensure has a verified file in the cache. Of several callers one fetches, and the others wait for it; if it gives up,
// the next one takes over.
func (c *Cache) ensure(ctx context.Context, source Source, file bundle.File) error {
	c.mu.Lock()
	b := c.blobs[file.SHA256]
	c.mu.Unlock()
	select {
	case b.fetching <- struct{}{}:
		defer func() { <-b.fetching }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	switch present, verified := c.state(b); {
	case verified:
		c.touch(file)
		return nil
	case present && c.verify(file) == nil:
		c.touch(file)
		c.mark(b, file)
		return nil
	case present:
		if err := c.drop(b, file); err != nil {
			return err
		}
	}
	if err := c.makeRoom(file.Size); err != nil {
		return err
	}
	if err := c.download(source, file); err != nil {
		return err
	}
	c.mark(b, file)
	return nil
}

func (c *Cache) state(b *blob) (present, verified bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return b.present, b.verified
}

// mark notes that a file is there, and is what it has to be.
func (c *Cache) mark(b *blob, file bundle.File) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b.present, b.verified, b.size = true, true, file.Size
}

// drop deletes a file that is damaged.
func (c *Cache) drop(b *blob, file bundle.File) error {
	if err := c.root.Remove(blobPath(file.SHA256)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	b.present, b.verified = false, false
	return nil
}

// touch notes the use for the next process. That it could not be noted only makes a file go earlier.
func (c *Cache) touch(file bundle.File) {
	now := time.Now()
	_ = c.root.Chtimes(blobPath(file.SHA256), now, now)
}

func (c *Cache) verify(file bundle.File) error {
	stored, err := c.root.Open(blobPath(file.SHA256))
	if err != nil {
		return err
	}
	defer stored.Close()
	return transfer(io.Discard, stored, file)
}

// download writes a file under another name first: under its own there is never anything but all of it.
func (c *Cache) download(source Source, file bundle.File) error {
	content, err := source.Read(file)
	if err != nil {
		return err
	}
	defer content.Close()
	name := path.Join(partialsDirectory, file.SHA256)
	// Nobody else fetches this digest at the same time.
	partial, err := c.root.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = transfer(partial, content, file)
	if err == nil {
		err = partial.Sync()
	}
	if err = errors.Join(err, partial.Close()); err == nil {
		err = c.root.Rename(name, blobPath(file.SHA256))
	}
	if err != nil {
		return errors.Join(err, ignoreNotExist(c.root.Remove(name)))
	}
	return nil
}

func ignoreNotExist(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// transfer copies exactly the content that a manifest lists, or fails. It reads one byte more than it has to, so that
// nothing can be endless.
func transfer(to io.Writer, from io.Reader, file bundle.File) error {
	hash := sha256.New()
	copied, err := io.Copy(io.MultiWriter(to, hash), io.LimitReader(from, file.Size+1))
	digest := hex.EncodeToString(hash.Sum(nil))
	switch {
	case err != nil:
		return fmt.Errorf("after %d of %d bytes: %w", copied, file.Size, err)
	case copied > file.Size:
		return &CorruptError{fmt.Sprintf("it is longer than the %d bytes of the manifest", file.Size)}
	case copied < file.Size:
		return &CorruptError{fmt.Sprintf("it ends after %d of %d bytes", copied, file.Size)}
	case digest != file.SHA256:
		return &CorruptError{fmt.Sprintf("its digest is %s instead of %s", digest, file.SHA256)}
	}
	return nil
}

func blobPath(digest string) string { return path.Join(blobsDirectory, digest) }
