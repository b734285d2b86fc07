package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/apply"
	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/version"
)

// passLimit bounds one pass.
const passLimit = 25 * time.Minute

// keeper compares the host with what was applied last, and repairs it. It has no way to the cluster: what it cannot
// repair with what is on the host waits for the node manager.
type keeper struct {
	applier  apply.Applier
	service  string
	interval time.Duration
	now      func() time.Time
	// failures is how many passes have failed in a row.
	failures int
}

// pass looks once. It tells whether the own service has to be restarted.
func (k *keeper) pass(ctx context.Context) (Status, bool) {
	ctx, cancel := context.WithTimeout(ctx, passLimit)
	defer cancel()
	status := Status{
		Schema: state.Schema, AgentVersion: version.Get().String(), Time: k.now().UTC(), Outcome: protocol.OutcomeDone,
	}
	desired, err := k.applier.Store.Desired(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return status, false // Nothing has been applied yet, or it has been given back.
	}
	if err != nil {
		return failedStatus(status, fmt.Errorf("reading what was applied last: %w", err)), false
	}
	planned, _, err := k.applier.Plan(ctx, desired, apply.NoSkew)
	if err != nil {
		return failedStatus(status, err), false
	}
	status.describe(planned)
	unfinished, err := k.unfinished(ctx)
	if err != nil {
		return failedStatus(status, err), false
	}
	if len(planned.Refusals)+len(planned.Missing) > 0 || !unfinished && !actsNow(planned) {
		return status, false
	}
	report, err := k.applier.Apply(ctx, desired, apply.NoSkew)
	status.describe(report.Plan) // Under the lock, and so what was really done.
	status.Done = report.Done
	if err != nil {
		return failedStatus(status, err), false
	}
	if report.Restart && !k.restarts(ctx) {
		status.Error = "the service has a new program and no recovery action that would start it: restart it"
	}
	return status, report.Restart && status.Error == ""
}

// unfinished tells whether somebody was interrupted, or a program that was replaced while it ran has to be deleted: it is
// no part of a plan.
func (k *keeper) unfinished(ctx context.Context) (bool, error) {
	manifest, interrupted, err := k.applier.Store.Load(ctx)
	if err != nil {
		return false, fmt.Errorf("loading what is ours: %w", err)
	}
	return interrupted || len(manifest.Asides) > 0, nil
}

// actsNow tells whether not everything that a plan does waits for a reboot.
func actsNow(planned state.Plan) bool {
	return slices.ContainsFunc(planned.Actions, func(action state.Action) bool { return !action.AfterReboot })
}

func (s *Status) describe(planned state.Plan) {
	s.Desired, s.Found, s.Outcome = planned.Desired, nil, protocol.OutcomeDone
	for _, refusal := range planned.Refusals {
		s.Found = append(s.Found, refusal.Message)
	}
	for _, action := range planned.Actions {
		s.Found = append(s.Found, fmt.Sprintf("%s %s: %s", action.Verb, action.ID, action.Reason))
	}
	s.Found = append(s.Found, planned.RebootRequired...)
	switch {
	case len(planned.Refusals) > 0:
		s.Outcome = protocol.OutcomeRefused
	case len(planned.Missing) > 0:
		s.Outcome = protocol.OutcomeContentMissing
	case planned.NeedsReboot():
		s.Outcome = protocol.OutcomeRebootRequired
	}
}

func failedStatus(status Status, err error) Status {
	status.Outcome, status.Error = protocol.OutcomeFailed, err.Error()
	var (
		locked  *host.LockedError
		missing *apply.MissingError
	)
	switch {
	case errors.As(err, &locked):
		status.Outcome = protocol.OutcomeLocked
	case errors.As(err, &missing): // What was kept turned out to be damaged.
		status.Outcome = protocol.OutcomeContentMissing
	}
	return status
}

// restarts tells whether the service control manager starts the own service again when it ends.
func (k *keeper) restarts(ctx context.Context) bool {
	is, err := k.applier.Host.Services.Service(ctx, k.service)
	return err == nil && len(is.Config.Recovery.RestartAfterSeconds) > 0
}

// next is how long to wait. What fails again and again, such as a service that does not start, is tried less and less
// often, but still within half an hour; whoever changes the host at the moment is soon done.
func (k *keeper) next(status Status) time.Duration {
	const (
		longest = 30 * time.Minute
		soon    = 30 * time.Second
		doubled = 8
	)
	switch status.Outcome {
	case protocol.OutcomeFailed:
		k.failures = min(k.failures+1, doubled)
		return min(k.interval<<k.failures, max(longest, k.interval))
	case protocol.OutcomeLocked:
		return min(soon, k.interval)
	default:
		k.failures = 0
		return k.interval
	}
}
