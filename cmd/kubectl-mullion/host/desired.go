package host

import (
	"context"
	"fmt"
	"io"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/host/input"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/ssh"
)

// desired is what the host shall be. Where that depends on what it is, the host is asked.
func (s *session) desired(ctx context.Context, in *input.Input, notes io.Writer) (*state.Desired, error) {
	var facts *state.Facts
	if in.NeedsFacts() {
		var err error
		if facts, err = s.facts(ctx); err != nil {
			return nil, err
		}
	}
	desired, sentences, err := in.For(facts)
	if err != nil {
		return nil, err
	}
	for _, sentence := range sentences {
		fmt.Fprintf(notes, "note: %s\n", sentence)
	}
	return desired, nil
}

func (s *session) plan(ctx context.Context, desired *state.Desired) (*protocol.Result, error) {
	result, err := s.ask(ctx, func(ctx context.Context, conn *ssh.Conn) (*protocol.Result, error) {
		return s.agent.Plan(ctx, conn, desired)
	})
	if err != nil {
		return nil, err
	}
	return result, unanswered(result)
}
