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

// Conn is a connection to a host, as a [ssh.Pool] lends it.
type Conn interface {
	Run(ctx context.Context, command ssh.Command) error
	Upload(ctx context.Context, upload ssh.Upload) (ssh.Uploaded, error)
	FileSize(ctx context.Context, path string) (int64, error)
	Remove(ctx context.Context, path string) error
	RemoveDirectory(ctx context.Context, path string) error
}

// Limits of one request. An answer that takes longer is no answer: the agent, which sets itself narrower limits, hangs.
const (
	askTimeout    = 2 * time.Minute
	changeTimeout = 30 * time.Minute
)

// Agent is the agent as it is to be on hosts. It is safe for concurrent use if what it is made of is.
type Agent struct {
	// Program is the executable that is brought to a host.
	Program *Program
	// Contents are what applying may need; nil has none.
	Contents Contents
	// Now is the clock that a host's clock is compared with; nil does not compare them.
	Now func() time.Time
	// Progress, if not nil, is told what happens. It is called from one goroutine for each request.
	Progress func(Event)
}

// Facts are what is true of a host.
func (a *Agent) Facts(ctx context.Context, conn Conn) (*state.Facts, error) {
	result, err := a.ask(ctx, conn, protocol.Request{Command: protocol.CommandFacts})
	if err != nil {
		return nil, err
	}
	if result.Facts == nil {
		return nil, fmt.Errorf("gathering facts: %s", result.Error)
	}
	return result.Facts, nil
}

// Plan is what would have to be done to a host.
func (a *Agent) Plan(ctx context.Context, conn Conn, desired *state.Desired) (*protocol.Result, error) {
	return a.ask(ctx, conn, protocol.Request{Command: protocol.CommandPlan, Desired: desired})
}

// Verify compares a host with what was applied last.
func (a *Agent) Verify(ctx context.Context, conn Conn) (*protocol.Result, error) {
	return a.ask(ctx, conn, protocol.Request{Command: protocol.CommandVerify})
}

// Apply makes a host what is desired. A host that is so already costs one small request: it knows what was applied last,
// and is only told which that was.
func (a *Agent) Apply(ctx context.Context, conn Conn, desired *state.Desired) (*protocol.Result, error) {
	digest, err := state.DesiredDigest(desired)
	if err != nil {
		return nil, fmt.Errorf("encoding the desired state: %w", err)
	}
	request := protocol.Request{Command: protocol.CommandApply, Saved: digest}
	result, err := a.change(ctx, conn, request)
	if err == nil && result.Outcome == protocol.OutcomeNotSaved {
		request = protocol.Request{Command: protocol.CommandApply, Desired: desired}
		result, err = a.change(ctx, conn, request)
	}
	if err != nil || result.Outcome != protocol.OutcomeContentMissing {
		return result, err
	}
	if result.Plan == nil || len(result.Plan.Missing) == 0 {
		return nil, errors.New("the agent lacks content and does not say which")
	}
	for _, missing := range result.Plan.Missing {
		if err := a.upload(ctx, conn, missing); err != nil {
			return nil, err
		}
	}
	// Content that is missing again was deleted by somebody, or is not what was asked for: the result says so.
	return a.change(ctx, conn, request)
}

// Remove gives a host back: everything that the agent has made goes, everything that it replaced returns. The agent goes
// last. With an owner that is not empty, a host that another one manages is refused.
func (a *Agent) Remove(ctx context.Context, conn Conn, owner string) (*protocol.Result, error) {
	result, err := a.change(ctx, conn, protocol.Request{Command: protocol.CommandRemove, Owner: owner})
	if err != nil || result.Outcome != protocol.OutcomeDone {
		return result, err
	}
	if err := a.Program.remove(ctx, conn); err != nil {
		return result, fmt.Errorf("removing the agent itself: %w", err)
	}
	return result, nil
}

func (a *Agent) ask(ctx context.Context, conn Conn, request protocol.Request) (*protocol.Result, error) {
	return a.send(ctx, conn, request, askTimeout)
}

func (a *Agent) change(ctx context.Context, conn Conn, request protocol.Request) (*protocol.Result, error) {
	return a.send(ctx, conn, request, changeTimeout)
}

func (a *Agent) tell(event Event) {
	if a.Progress != nil {
		a.Progress(event)
	}
}
