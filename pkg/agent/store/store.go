package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/mullion-dev/mullion/pkg/agent/atomicfile"
	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// DefaultRoot is where the store is unless somebody says otherwise.
const DefaultRoot winpath.Path = `C:\ProgramData\mullion`

// Store is the agent's own directory on the host.
type Store struct {
	files host.FileSystem
	root  winpath.Path
}

// New returns the store below a directory, which need not be there.
func New(files host.FileSystem, root winpath.Path) *Store { return &Store{files: files, root: root} }

// Root is the directory that everything is below of.
func (s *Store) Root() winpath.Path { return s.root }

// Lock is the path of the lock of whoever changes the host.
func (s *Store) Lock() winpath.Path { return s.root.Join("lock") }

// ContentPath is where content of that digest is uploaded to.
func (s *Store) ContentPath(sha256 string) winpath.Path { return s.contents().Join(sha256) }

// HasContentPath tells whether a path is one that content is uploaded to, or has while it is being sent.
func (s *Store) HasContentPath(path winpath.Path) bool { return path.Parent().Equal(s.contents()) }

func (s *Store) contents() winpath.Path { return s.root.Join("content") }
func (s *Store) backups() winpath.Path  { return s.root.Join("backup") }
func (s *Store) manifest() winpath.Path { return s.root.Join("manifest.json") }
func (s *Store) journal() winpath.Path  { return s.root.Join("journal") }
func (s *Store) desired() winpath.Path  { return s.root.Join("desired.json") }

// Prepare makes the root directory and restricts access to it. If others could write there, and there is something that
// says what is ours, it is an *UntrustedError: what is ours is what we delete.
func (s *Store) Prepare(ctx context.Context) error {
	if err := s.makeDirectory(ctx, s.root); err != nil {
		return err
	}
	access, err := s.files.Access(ctx, s.root)
	if err != nil {
		return fmt.Errorf("reading access of %s: %w", s.root, err)
	}
	if access.Level == state.AccessLevelAdministrators || access.Level == state.AccessLevelUnknown {
		return nil
	}
	if err := s.trustAll(ctx, s.manifest(), s.journal()); err != nil {
		return err
	}
	if err := s.files.SetAccess(ctx, s.root, state.AccessState{Level: state.AccessLevelAdministrators}); err != nil {
		return fmt.Errorf("restricting access to %s: %w", s.root, err)
	}
	return nil
}

func (s *Store) makeDirectory(ctx context.Context, path winpath.Path) error {
	if err := s.files.MakeDirectory(ctx, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("making directory %s: %w", path, err)
	}
	return nil
}

// SaveDesired keeps the desired state for a later pass without a manager.
func (s *Store) SaveDesired(ctx context.Context, desired *state.Desired) error {
	encoded, err := state.Encode(desired)
	if err != nil {
		return err
	}
	if s.trust(ctx, s.desired()) == nil {
		if saved, err := s.read(ctx, s.desired()); err == nil && bytes.Equal(saved, encoded) {
			return nil
		}
	}
	return s.write(ctx, s.desired(), encoded)
}

// Desired is the desired state that was saved; fs.ErrNotExist if there is none. If others than administrators could have
// written it, or what is noted beside it, it is an *UntrustedError.
func (s *Store) Desired(ctx context.Context) (*state.Desired, error) {
	if err := s.trust(ctx, s.desired()); err != nil {
		return nil, err
	}
	if err := s.trustAll(ctx, s.manifest(), s.journal()); err != nil {
		return nil, err
	}
	raw, err := s.read(ctx, s.desired())
	if err != nil {
		return nil, err
	}
	return state.DecodeDesired(raw)
}

func (s *Store) read(ctx context.Context, path winpath.Path) ([]byte, error) {
	file, err := s.files.Open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	defer file.Close()
	raw, err := io.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return raw, nil
}

func (s *Store) write(ctx context.Context, path winpath.Path, content []byte) error {
	return atomicfile.Write(ctx, s.files, path, bytes.NewReader(content), atomicfile.Options{Restricted: true})
}

func (s *Store) removeIfThere(ctx context.Context, path winpath.Path) error {
	if _, err := s.files.Stat(ctx, path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := s.files.Remove(ctx, path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing %s: %w", path, err)
	}
	return nil
}
