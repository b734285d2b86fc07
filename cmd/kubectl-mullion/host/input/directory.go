package input

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/mullion-dev/mullion/pkg/agent/remote"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// directory are contents in a directory, known by path and by digest. They must not change meanwhile; if one does, its
// upload says so.
type directory struct {
	root     *os.Root
	byPath   map[string]state.Content
	byDigest map[string]string
}

var _ remote.Contents = (*directory)(nil)

// openDirectory reads all regular files below a directory, to know their digests.
func openDirectory(path string) (*directory, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	d := &directory{root: root, byPath: map[string]state.Content{}, byDigest: map[string]string{}}
	err = fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		return d.add(path)
	})
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return d, nil
}

func (d *directory) add(path string) error {
	file, err := d.root.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	hash := sha256.New()
	size, err := io.Copy(hash, file)
	if err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	digest := hex.EncodeToString(hash.Sum(nil))
	d.byPath[path] = state.Content{SHA256: digest, Size: size}
	d.byDigest[digest] = path
	return nil
}

// Open implements remote.Contents.
func (d *directory) Open(_ context.Context, sha256 string) (remote.Content, error) {
	path, found := d.byDigest[sha256]
	if !found {
		return nil, fmt.Errorf("no file in the directory of --content has it: %w", fs.ErrNotExist)
	}
	return d.root.Open(path)
}

// Close closes the directory.
func (d *directory) Close() error { return d.root.Close() }
