package cache

import (
	"fmt"
	"os"
	"path"
	"sync"

	"github.com/mullion-dev/mullion/pkg/bundle"
)

// Bundle is a bundle all of whose files are in the cache.
type Bundle struct {
	// Digest is that of its reference, sha256:….
	Digest   string
	Manifest *bundle.Manifest

	cache   *Cache
	release sync.Once
}

// Open opens a file by the digest of its content, in hexadecimal digits. It stays readable after the release.
func (b *Bundle) Open(sha256 string) (*os.File, error) {
	for _, file := range b.Manifest.Files {
		if file.SHA256 == sha256 {
			return b.cache.root.Open(path.Join(blobsDirectory, sha256))
		}
	}
	return nil, fmt.Errorf("bundle %s has no file with digest %s", b.Digest, sha256)
}

// Release lets the files go when their room is needed. A second call does nothing.
func (b *Bundle) Release() { b.release.Do(func() { b.cache.release(b.Manifest) }) }
