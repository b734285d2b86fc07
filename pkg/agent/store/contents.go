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
)

// Contents are the digests of what was uploaded. That they are right is checked when they are used.
func (s *Store) Contents(ctx context.Context) (map[string]bool, error) {
	infos, err := s.files.List(ctx, s.contents())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing %s: %w", s.contents(), err)
	}
	contents := map[string]bool{}
	for _, info := range infos {
		contents[info.Name] = true
	}
	return contents, nil
}

// OpenContent reads what was uploaded.
func (s *Store) OpenContent(ctx context.Context, sha256 string) (io.ReadCloser, error) {
	content, err := s.files.Open(ctx, s.ContentPath(sha256))
	if err != nil {
		return nil, fmt.Errorf("opening uploaded content: %w", err)
	}
	return content, nil
}

// contentsOf are the digests of the contents that a desired state has.
func contentsOf(desired *state.Desired) map[string]bool {
	contents := map[string]bool{}
	if desired == nil {
		return contents
	}
	for _, file := range desired.Files {
		if file.SHA256 != "" {
			contents[file.SHA256] = true
		}
	}
	return contents
}

// DropDamaged deletes content that is not what its name says: it counts as missing from then on, and is uploaded again.
// It tells whether it has.
func (s *Store) DropDamaged(ctx context.Context, sha256 string) (bool, error) {
	digest, err := observe.FileDigest(ctx, s.files, s.ContentPath(sha256))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("verifying uploaded content: %w", err)
	case digest == sha256:
		return false, nil
	}
	return true, s.removeIfThere(ctx, s.ContentPath(sha256))
}

// KeepContents sees that the contents of a desired state, which the host is by now, are here too: whoever damages a
// program can then be undone without anybody who has it. Most were uploaded; what was in its place before is copied.
func (s *Store) KeepContents(ctx context.Context, desired *state.Desired) error {
	kept, err := s.Contents(ctx)
	if err != nil {
		return err
	}
	for _, file := range desired.Files {
		if file.SHA256 == "" || kept[file.SHA256] {
			continue
		}
		if err := s.keepContent(ctx, file); err != nil {
			return fmt.Errorf("keeping the content of %s: %w", file.Path, err)
		}
		kept[file.SHA256] = true
	}
	return nil
}

func (s *Store) keepContent(ctx context.Context, file state.File) error {
	content, err := s.files.Open(ctx, file.Path)
	if err != nil {
		return err
	}
	defer content.Close()
	if err := s.makeDirectory(ctx, s.contents()); err != nil {
		return err
	}
	return atomicfile.Write(ctx, s.files, s.ContentPath(file.SHA256), content, atomicfile.Options{
		SHA256: file.SHA256, Restricted: true,
	})
}
