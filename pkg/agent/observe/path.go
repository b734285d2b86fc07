package observe

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// MaxContent is the size up to which a file's content is kept, in bytes. Files that lines are put into, or that are
// compared by meaning, are smaller by far.
const MaxContent = 1 << 20

func (o *observer) path(ctx context.Context, id state.ID) error {
	path := winpath.Path(id.Name)
	info, err := o.host.Files.Stat(ctx, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	is := state.ObservedPath{Type: info.Type, Size: info.Size}
	if info.Type == state.PathFile && id.Kind == state.KindFile {
		wanted := o.scope.content[id.Key()] && info.Size <= MaxContent
		if err := o.read(ctx, path, wanted, &is); err != nil {
			return err
		}
	}
	if is.Access, err = o.host.Files.Access(ctx, path); err != nil {
		return fmt.Errorf("reading access of %s: %w", path, err)
	}
	o.observed.Paths[path.Key()] = is
	return nil
}

// read finds the digest of a file, and its content if that is wanted. A file that has grown since it was looked at is
// told by its whole digest and without content: a part of it would be written back for all of it.
func (o *observer) read(ctx context.Context, path winpath.Path, wanted bool, is *state.ObservedPath) (err error) {
	if !wanted {
		is.SHA256, err = FileDigest(ctx, o.host.Files, path)
		return err
	}
	file, err := o.host.Files.Open(ctx, path)
	if err != nil {
		return fmt.Errorf("opening %s: %w", path, err)
	}
	defer file.Close()
	digest := sha256.New()
	from := io.TeeReader(ContextReader(ctx, file), digest)
	content, err := io.ReadAll(io.LimitReader(from, MaxContent+1))
	if err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	is.Size = int64(len(content))
	if is.Size > MaxContent {
		content = nil
		rest, err := io.Copy(io.Discard, from)
		if err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
		is.Size += rest
	}
	is.SHA256, is.Content = hex.EncodeToString(digest.Sum(nil)), content
	return nil
}

// FileDigest is the SHA-256 of a file's content in hexadecimal digits. It stops when the context ends.
func FileDigest(ctx context.Context, files host.FileSystem, path winpath.Path) (string, error) {
	file, err := files.Open(ctx, path)
	if err != nil {
		return "", fmt.Errorf("opening %s: %w", path, err)
	}
	defer file.Close()
	digest := sha256.New()
	if _, err := io.Copy(digest, ContextReader(ctx, file)); err != nil {
		return "", fmt.Errorf("reading %s: %w", path, err)
	}
	return hex.EncodeToString(digest.Sum(nil)), nil
}

// ContextReader reads until the context ends.
func ContextReader(ctx context.Context, from io.Reader) io.Reader {
	return readerFunc(func(buffer []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return from.Read(buffer)
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(buffer []byte) (int, error) { return f(buffer) }
