package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/mullion-dev/mullion/pkg/agent/atomicfile"
	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Load returns what is ours, and whether the last session was interrupted. It changes nothing. A manifest that cannot be
// read, or that is gone though it was there, is an error: as if nothing were ours, originals would be lost.
func (s *Store) Load(ctx context.Context) (manifest state.Manifest, interrupted bool, err error) {
	manifest = state.Manifest{Schema: state.Schema}
	raw, err := s.read(ctx, s.manifest())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return manifest, false, s.orphaned(ctx)
	case err != nil:
		return manifest, false, err
	default:
		decoded, err := state.DecodeManifest(raw)
		if err != nil {
			return manifest, false, fmt.Errorf("%s: %w", s.manifest(), err)
		}
		manifest = *decoded
	}
	journal, err := s.read(ctx, s.journal())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return manifest, false, nil
	case err != nil:
		return manifest, false, err
	}
	manifest, err = replay(manifest, journal)
	if err != nil {
		return manifest, true, fmt.Errorf("%s: %w", s.journal(), err)
	}
	return manifest, true, nil
}

// orphaned is an error if there is something that is never there without a manifest, which is the first to come and the
// last to go.
func (s *Store) orphaned(ctx context.Context) error {
	for _, path := range []winpath.Path{s.backups(), s.journal()} {
		_, err := s.files.Stat(ctx, path)
		switch {
		case err == nil:
			return fmt.Errorf("the manifest %s is gone, and with it what is ours, though %s is there: bring it back, or delete "+
				"that as well to take the host for what it is now", s.manifest(), path)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	return nil
}

// Session is a time during which the host is changed, under the lock. Each change of the manifest is durable when
// the method returns.
type Session struct {
	store    *Store
	manifest state.Manifest
	journal  host.File
	// size is how many bytes the manifest has, at most.
	size int
}

// Begin starts a session with what Load has returned. It first writes that down as a manifest of its own.
func (s *Store) Begin(ctx context.Context, manifest state.Manifest) (*Session, error) {
	manifest.Generation++
	size, err := s.writeManifest(ctx, manifest)
	if err != nil {
		return nil, err
	}
	header, err := encodeEntry(entry{Generation: &manifest.Generation})
	if err != nil {
		return nil, err
	}
	if err := s.write(ctx, s.journal(), header); err != nil {
		return nil, err
	}
	journal, err := s.files.Append(ctx, s.journal())
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", s.journal(), err)
	}
	return &Session{store: s, manifest: manifest, journal: journal, size: size}, nil
}

func (s *Store) writeManifest(ctx context.Context, manifest state.Manifest) (size int, err error) {
	manifest.Schema = state.Schema
	encoded, err := state.Encode(manifest)
	if err != nil {
		return 0, err
	}
	return len(encoded), s.write(ctx, s.manifest(), encoded)
}

// Manifest is what is ours at the moment.
func (s *Session) Manifest() state.Manifest { return s.manifest }

// Own notes a resource that is going to be ours, or what has become known about it.
func (s *Session) Own(record state.Record) error { return s.append(entry{Own: &record}) }

// Disown notes that a resource is no longer ours. What was done to it has to be durable before.
func (s *Session) Disown(id state.ID) error { return s.append(entry{Disown: &id}) }

// SetOwner notes who manages the host.
func (s *Session) SetOwner(owner string) error {
	if owner == s.manifest.Owner {
		return nil
	}
	return s.append(entry{Owner: &owner})
}

// SetVersions notes which versions there are.
func (s *Session) SetVersions(versions []string) error { return s.append(entry{Versions: &versions}) }

// SetResume notes which services of others have to be started again.
func (s *Session) SetResume(services []string) error { return s.append(entry{Resume: &services}) }

// SetReboots notes what waits for a boot.
func (s *Session) SetReboots(reboots []state.Pending) error {
	return s.append(entry{Reboots: &reboots})
}

// SetRestarts notes which services have to be restarted.
func (s *Session) SetRestarts(restarts []state.Pending) error {
	return s.append(entry{Restarts: &restarts})
}

// SetAsides notes which programs make way.
func (s *Session) SetAsides(asides []state.Aside) error { return s.append(entry{Asides: &asides}) }

func (s *Session) append(e entry) error {
	line, err := encodeEntry(e)
	if err == nil {
		err = s.checkSize(e, len(line))
	}
	if err == nil {
		_, err = s.journal.Write(line)
	}
	if err == nil {
		err = s.journal.Sync()
	}
	if err != nil {
		return fmt.Errorf("writing to %s: %w", s.store.journal(), err)
	}
	s.manifest = e.apply(s.manifest)
	return nil
}

// checkSize refuses what would make the manifest larger than what is read of one: nobody could give the host back. Mostly
// the sizes of what was added tell, so that it need not be encoded each time.
func (s *Session) checkSize(e entry, size int) error {
	s.size += size
	if s.size <= state.MaxDocument {
		return nil
	}
	encoded, err := state.Encode(e.apply(s.manifest))
	if err != nil {
		return err
	}
	if s.size = len(encoded); s.size > state.MaxDocument {
		return fmt.Errorf("what is ours, and was there before us, would be more than %d bytes", state.MaxDocument)
	}
	return nil
}

// Recover takes back what an interrupted session has left: programs that were moved aside, and unfinished files.
func (s *Session) Recover(ctx context.Context, interrupted bool) error {
	asides, err := atomicfile.Recover(ctx, s.store.files, s.manifest.Asides, s.owns)
	if err != nil {
		return err
	}
	if len(asides) != len(s.manifest.Asides) {
		if err := s.SetAsides(asides); err != nil {
			return err
		}
	}
	if !interrupted {
		return nil
	}
	for _, record := range s.manifest.Records {
		if record.ID.Kind == state.KindFile {
			if err := atomicfile.Sweep(ctx, s.store.files, winpath.Path(record.ID.Name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// owns tells whether a file is ours.
func (s *Session) owns(path winpath.Path) bool {
	_, ours := s.manifest.Find(state.File{Path: path}.ID())
	return ours
}

// Commit ends the session: the manifest is written as a whole and the journal is deleted. Everything that was done to
// the host has to be durable before.
func (s *Session) Commit(ctx context.Context) error {
	if err := s.Close(); err != nil {
		return err
	}
	s.manifest.Generation++
	if _, err := s.store.writeManifest(ctx, s.manifest); err != nil {
		return err
	}
	return s.store.removeIfThere(ctx, s.store.journal())
}

// Close ends the session and leaves the journal to the next one.
func (s *Session) Close() error {
	if s.journal == nil {
		return nil
	}
	err := s.journal.Close()
	s.journal = nil
	if err != nil {
		return fmt.Errorf("closing %s: %w", s.store.journal(), err)
	}
	return nil
}
