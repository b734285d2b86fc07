package remote

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/ssh"
)

// maxLine is how long a line of the agent may be. A plan of thousands of files is a few megabytes.
const maxLine = 16 << 20

// send makes a request and returns the result.
func (a *Agent) send(ctx context.Context, conn Conn, request protocol.Request, timeout time.Duration) (*protocol.Result, error) {
	if err := a.Program.ensure(ctx, conn, a.tell); err != nil {
		return nil, err
	}
	return a.exchange(ctx, conn, request, timeout)
}

// exchange is send to an agent that is there.
func (a *Agent) exchange(ctx context.Context, conn Conn, request protocol.Request, timeout time.Duration) (*protocol.Result, error) {
	request.Schema = state.Schema
	if a.Now != nil {
		request.Now = a.Now()
	}
	raw, err := state.Encode(request)
	if err != nil {
		return nil, fmt.Errorf("encoding the request to %s: %w", request.Command, err)
	}
	answer := answer{tell: a.tell}
	err = conn.Run(ctx, ssh.Command{
		Path: a.Program.Path(), Args: []string{string(request.Command)},
		Stdin: raw, Line: answer.line, MaxLine: maxLine, Timeout: timeout,
	})
	if err := answer.check(err); err != nil {
		return nil, fmt.Errorf("asking the agent to %s: %w", request.Command, err)
	}
	return answer.result, nil
}

// answer is what the agent says, line by line.
type answer struct {
	tell   func(Event)
	result *protocol.Result
}

func (a *answer) line(line []byte) error {
	if a.result != nil {
		return errors.New("the agent goes on after its result")
	}
	message, err := protocol.DecodeMessage(line)
	if err != nil {
		return err
	}
	if message.Progress != nil {
		a.tell(Event{Progress: message.Progress})
		return nil
	}
	a.result = message.Result
	return nil
}

// check returns why there is no result. What the agent exits with is not looked at: shells change it, and the result
// says the same.
func (a *answer) check(run error) error {
	var exited *ssh.CommandError
	switch {
	case run != nil && !errors.As(run, &exited):
		return run
	case a.result != nil:
		return nil
	case run != nil:
		return fmt.Errorf("it ended without a result: %w", run)
	default:
		return errors.New("it ended without a result")
	}
}
