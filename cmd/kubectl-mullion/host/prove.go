package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/store"
	"github.com/mullion-dev/mullion/pkg/ssh"
)

// prove looks over SFTP, where the agent has no say, whether the paths are gone that were ours, the agent's own included,
// and those are there that were somebody else's before.
func (s *session) prove(ctx context.Context, out io.Writer, removed *state.Plan) error {
	wanted := map[string]bool{s.agent.Program.Path(): false, store.DefaultRoot.Join("manifest.json").String(): false}
	for _, action := range removed.Actions {
		if action.ID.Kind == state.KindFile && (action.Verb == state.VerbDelete || action.Verb == state.VerbRestore) {
			wanted[action.ID.Name] = action.Verb == state.VerbRestore
		}
	}
	var wrong []string
	err := s.do(ctx, func(ctx context.Context, conn *ssh.Conn) error {
		for _, path := range slices.Sorted(maps.Keys(wanted)) {
			_, err := conn.FileSize(ctx, path)
			switch missing := errors.Is(err, fs.ErrNotExist); {
			case err != nil && !missing:
				return err
			case wanted[path] && missing:
				wrong = append(wrong, path+", which was there before us, is not there.")
			case !wanted[path] && !missing:
				wrong = append(wrong, path+" is still there.")
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("looking at what is left: %w", err)
	}
	for _, sentence := range wrong {
		fmt.Fprintln(out, sentence)
	}
	if len(wrong) > 0 {
		return exit.ErrFindings
	}
	_, err = fmt.Fprintf(out, "Proved over SFTP, by %s: what was ours is gone, the agent too, and what was replaced is back.\n", count(len(wanted), "path"))
	return err
}
