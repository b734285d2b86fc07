package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/atomicfile"
	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/store"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Status is what the service writes to the file status.json of the agent's directory after each pass.
type Status struct {
	Schema       string    `json:"schema"`
	AgentVersion string    `json:"agentVersion"`
	Time         time.Time `json:"time"`
	// Desired is the SHA-256 of the desired state that the host was compared with.
	Desired string           `json:"desired,omitzero"`
	Outcome protocol.Outcome `json:"outcome"`
	// Found is what was not as desired, and Done how much of that was repaired.
	Found []string `json:"found,omitzero"`
	Done  int      `json:"done,omitzero"`
	Error string   `json:"error,omitzero"`
	// Next is when the service looks again.
	Next time.Time `json:"next"`
}

func statusPath(s *store.Store) winpath.Path { return s.Root().Join("status.json") }

// writeStatus replaces the file. Without the agent's directory nothing was ever applied, and nothing is written.
func writeStatus(ctx context.Context, files host.FileSystem, s *store.Store, status Status) error {
	if _, err := files.Stat(ctx, s.Root()); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	encoded, err := state.Encode(status)
	if err != nil {
		return fmt.Errorf("encoding status: %w", err)
	}
	return atomicfile.Write(ctx, files, statusPath(s), bytes.NewReader(encoded), atomicfile.Options{Restricted: true})
}

// forgetStatus deletes the file, and the agent's directory if nothing is left in it.
func forgetStatus(ctx context.Context, files host.FileSystem, s *store.Store) error {
	for _, path := range []winpath.Path{statusPath(s), atomicfile.Temporary(statusPath(s))} {
		if err := files.Remove(ctx, path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return s.RemoveRoot(ctx)
}
