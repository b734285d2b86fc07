package protocol

import (
	"context"
	"fmt"

	"github.com/mullion-dev/mullion/pkg/agent/observe"
	"github.com/mullion-dev/mullion/pkg/agent/programs"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// digest finds the digest of a file that was brought to the host. No other file is anybody's business here: a digest
// says what a file is to whoever can guess it.
func (s *server) digest(ctx context.Context, path winpath.Path) Result {
	if !path.Within(programs.Root) && !s.applier.Store.HasContentPath(path) {
		return Result{Outcome: OutcomeInvalid, Error: fmt.Sprintf("%s is not where content, or the agent, is brought to", path)}
	}
	info, err := s.applier.Host.Files.Stat(ctx, path)
	if err == nil && info.Type != state.PathFile {
		err = fmt.Errorf("it is a %s", info.Type)
	}
	if err != nil {
		return failed(Result{}, fmt.Errorf("looking at %s: %w", path, err))
	}
	digest, err := observe.FileDigest(ctx, s.applier.Host.Files, path)
	if err != nil {
		return failed(Result{}, err)
	}
	return Result{Outcome: OutcomeDone, SHA256: digest}
}
