package apply

import (
	"context"
	"errors"
	"fmt"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/store"
)

// session is a session of the store that is begun when it is needed: a pass that changes nothing writes nothing.
type session struct {
	*store.Session
	store  *store.Store
	system host.System
}

// resume loads what is ours. If somebody was interrupted, it begins at once and takes back what is half-done.
func (a *Applier) resume(ctx context.Context) (*session, state.Manifest, error) {
	s := &session{store: a.Store, system: a.Host.System}
	manifest, interrupted, err := a.Store.Load(ctx)
	if err != nil {
		return nil, manifest, fmt.Errorf("loading what is ours: %w", err)
	}
	if !interrupted && len(manifest.Asides) == 0 {
		return s, manifest, nil
	}
	if s.Session, err = a.Store.Begin(ctx, manifest); err != nil {
		return nil, manifest, fmt.Errorf("resuming: %w", err)
	}
	if err := s.Recover(ctx, interrupted); err != nil {
		return nil, manifest, errors.Join(fmt.Errorf("recovering from an interruption: %w", err), s.Close())
	}
	return s, s.Manifest(), nil
}

// begin begins unless resume has.
func (s *session) begin(ctx context.Context, manifest state.Manifest, owner string) error {
	if s.Session == nil {
		var err error
		if s.Session, err = s.store.Begin(ctx, manifest); err != nil {
			return err
		}
	}
	return s.SetOwner(owner)
}

// close ends the session, if there is one, so that nothing of it is open to interpretation.
func (s *session) close(ctx context.Context) error {
	if s.Session == nil {
		return nil
	}
	if err := s.system.Flush(ctx); err != nil {
		return errors.Join(fmt.Errorf("flushing the host's settings: %w", err), s.Close())
	}
	return s.Commit(ctx)
}
