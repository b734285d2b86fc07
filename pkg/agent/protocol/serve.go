package protocol

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/apply"
	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// Serve reads one request, does it, and writes what happens. It returns the exit code. An output that cannot be written
// to any more does not stop what was begun: the manager that has gone will come back and ask.
func Serve(ctx context.Context, applier apply.Applier, in io.Reader, out io.Writer) int {
	s := server{applier: applier, out: out}
	result := s.serve(ctx, in)
	result.Schema = state.Schema
	s.write(Message{Result: &result})
	return result.Outcome.ExitCode()
}

type server struct {
	applier apply.Applier
	out     io.Writer
}

func (s *server) serve(ctx context.Context, in io.Reader) Result {
	raw, err := state.ReadLimited(in)
	if err != nil {
		return Result{Outcome: OutcomeInvalid, Error: fmt.Sprintf("reading request: %v", err)}
	}
	request, err := DecodeRequest(raw)
	if err != nil {
		return Result{Outcome: OutcomeInvalid, Error: err.Error()}
	}
	s.applier.Progress = s.progress
	result := s.do(ctx, request)
	result.Command = request.Command
	return result
}

func (s *server) do(ctx context.Context, request *Request) Result {
	skew := request.skew()
	switch request.Command {
	case CommandApply:
		if request.Desired == nil {
			saved, err := s.saved(ctx, request.Saved)
			if err != nil {
				return Result{Outcome: OutcomeNotSaved, Error: err.Error()}
			}
			request.Desired = saved
		}
		report, err := s.applier.Apply(ctx, request.Desired, skew)
		return reported(report, err)
	case CommandRemove:
		report, err := s.applier.Remove(ctx, request.Owner)
		return reported(report, err)
	case CommandVerify:
		if request.Desired == nil {
			saved, err := s.applier.Store.Desired(ctx)
			if err != nil {
				return failed(Result{}, fmt.Errorf("reading what was applied last: %w", err))
			}
			request.Desired = saved
		}
		return s.plan(ctx, request, skew)
	case CommandPlan:
		return s.plan(ctx, request, skew)
	case CommandDigest:
		return s.digest(ctx, request.Path)
	default:
		facts, err := s.applier.Facts(ctx, skew)
		if err != nil {
			return failed(Result{}, err)
		}
		return Result{Outcome: OutcomeDone, Facts: &facts}
	}
}

// saved is what was applied last, if it has the digest.
func (s *server) saved(ctx context.Context, digest string) (*state.Desired, error) {
	saved, err := s.applier.Store.Desired(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading what was applied last: %w", err)
	}
	has, err := state.DesiredDigest(saved)
	if err != nil {
		return nil, err
	}
	if has != digest {
		return nil, fmt.Errorf("what was applied last has the digest %s", has)
	}
	return saved, nil
}

func (r *Request) skew() apply.Skew {
	if r.Now.IsZero() {
		return apply.NoSkew
	}
	return func(hostTime time.Time) time.Duration { return hostTime.Sub(r.Now) }
}

func (s *server) plan(ctx context.Context, request *Request, skew apply.Skew) Result {
	planned, facts, err := s.applier.Plan(ctx, request.Desired, skew)
	if err != nil {
		return failed(Result{}, err)
	}
	result := Result{Outcome: OutcomeDone, Plan: &planned, Facts: &facts, RebootRequired: planned.RebootRequired}
	switch {
	case len(planned.Refusals) > 0:
		result.Outcome = OutcomeRefused
	case len(planned.Actions) > 0:
		result.Outcome = OutcomeDrifted
	case len(planned.RebootRequired) > 0:
		result.Outcome = OutcomeRebootRequired
	}
	return result
}

func reported(report apply.Report, err error) Result {
	result := Result{
		Outcome: OutcomeDone, Plan: &report.Plan, Done: report.Done, Restart: report.Restart, RebootRequired: report.RebootRequired,
	}
	if err != nil {
		return failed(result, err)
	}
	if report.Reboot {
		result.Outcome = OutcomeRebootRequired
	}
	return result
}

func failed(result Result, err error) Result {
	result.Outcome, result.Error = OutcomeFailed, err.Error()
	var (
		refused *apply.RefusedError
		missing *apply.MissingError
		action  *apply.ActionError
		locked  *host.LockedError
	)
	switch {
	case errors.As(err, &refused):
		result.Outcome = OutcomeRefused
		if result.Plan == nil || len(result.Plan.Refusals) == 0 {
			result.Plan = &state.Plan{Schema: state.Schema, Refusals: refused.Findings}
		}
	case errors.As(err, &missing):
		result.Outcome = OutcomeContentMissing
	case errors.As(err, &locked):
		result.Outcome = OutcomeLocked
	case errors.As(err, &action):
		result.Failed = &action.Action.ID
	}
	return result
}

func (s *server) progress(event apply.Event) {
	s.write(Message{Progress: &Progress{
		Plan: event.Plan, Action: event.Action, Done: event.Done, Number: event.Number, Total: event.Total, Note: event.Note,
	}})
}

// write writes a line in one piece. Nobody may be reading any more, which is for the reader to notice.
func (s *server) write(message Message) {
	line, err := state.Encode(message)
	if err != nil {
		line = []byte(`{"result":{"schema":"` + state.Schema + `","outcome":"Failed","error":"encoding the result"}}`)
	}
	_, _ = s.out.Write(append(line, '\n'))
}
