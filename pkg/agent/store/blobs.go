package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/mullion-dev/mullion/pkg/agent/atomicfile"
	"github.com/mullion-dev/mullion/pkg/agent/observe"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Preserve keeps a copy of a file that is going to be replaced and returns its digest.
func (s *Store) Preserve(ctx context.Context, path winpath.Path) (string, error) {
	digest, err := observe.FileDigest(ctx, s.files, path)
	if err != nil {
		return "", err
	}
	original, err := s.files.Open(ctx, path)
	if err != nil {
		return "", fmt.Errorf("opening %s: %w", path, err)
	}
	defer original.Close()
	return digest, s.PreserveContent(ctx, digest, original)
}

// PreserveContent keeps content that has the digest.
func (s *Store) PreserveContent(ctx context.Context, digest string, content io.Reader) error {
	backup := s.backups().Join(digest)
	if kept, err := observe.FileDigest(ctx, s.files, backup); err == nil && kept == digest {
		return nil
	}
	if err := s.makeDirectory(ctx, s.backups()); err != nil {
		return err
	}
	return atomicfile.Write(ctx, s.files, backup, content, atomicfile.Options{SHA256: digest, Restricted: true})
}

// ErrLost is an original that somebody has deleted or damaged.
var ErrLost = errors.New("what was there before us is no longer kept")

// OpenOriginal reads what Preserve has kept; ErrLost if that is not there any more, or is something else.
func (s *Store) OpenOriginal(ctx context.Context, sha256 string) (io.ReadCloser, error) {
	backup := s.backups().Join(sha256)
	kept, err := observe.FileDigest(ctx, s.files, backup)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: there is no %s", ErrLost, backup)
	case err == nil && kept != sha256:
		return nil, fmt.Errorf("%w: %s is damaged", ErrLost, backup)
	case err != nil:
		return nil, fmt.Errorf("reading the preserved original: %w", err)
	}
	original, err := s.files.Open(ctx, backup)
	if err != nil {
		return nil, fmt.Errorf("opening the preserved original: %w", err)
	}
	return original, nil
}

// Prune deletes what is no longer needed: contents that the desired state, nil for none, does not have, and originals
// that the manifest does not know.
func (s *Store) Prune(ctx context.Context, manifest state.Manifest, desired *state.Desired) error {
	needed := map[string]bool{}
	for _, record := range manifest.Records {
		if record.Original != nil {
			needed[record.Original.SHA256] = true
		}
	}
	if err := s.prune(ctx, s.contents(), contentsOf(desired)); err != nil {
		return err
	}
	return s.prune(ctx, s.backups(), needed)
}

// prune deletes files of a directory, and the directory if nothing is left.
func (s *Store) prune(ctx context.Context, directory winpath.Path, needed map[string]bool) error {
	infos, err := s.files.List(ctx, directory)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("listing %s: %w", directory, err)
	}
	left := 0
	for _, info := range infos {
		if needed[info.Name] {
			left++
			continue
		}
		if err := s.removeIfThere(ctx, directory.Join(info.Name)); err != nil {
			return err
		}
	}
	if left > 0 {
		return nil
	}
	return s.removeIfThere(ctx, directory)
}

// Clear deletes everything of the store, when nothing on the host is ours any more; the manifest last, because it is
// what tells that there is something to clear.
func (s *Store) Clear(ctx context.Context) error {
	if err := s.Prune(ctx, state.Manifest{}, nil); err != nil {
		return err
	}
	for _, path := range []winpath.Path{s.desired(), s.journal(), s.manifest()} {
		if err := atomicfile.Sweep(ctx, s.files, path); err != nil {
			return err
		}
		if err := s.removeIfThere(ctx, path); err != nil {
			return err
		}
	}
	return nil
}

// RemoveRoot deletes the root directory unless somebody else has something in it.
func (s *Store) RemoveRoot(ctx context.Context) error {
	infos, err := s.files.List(ctx, s.root)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(infos) > 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("listing %s: %w", s.root, err)
	}
	return s.removeIfThere(ctx, s.root)
}
