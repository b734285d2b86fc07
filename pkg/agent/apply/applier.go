package apply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/observe"
	"github.com/mullion-dev/mullion/pkg/agent/plan"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/store"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Applier changes a host. It keeps nothing between calls.
type Applier struct {
	Host  host.Host
	Store *store.Store
	// Holder is what the lock says about us to others.
	Holder string
	// Progress, if it is not nil, is called before and after each action, and with notes.
	Progress func(Event)
	Limits   Limits
	// Program is the version of the agent that runs, if others are to be removed that nobody uses any more. It is not
	// for a service to do that: it may be older than who manages the host.
	Program winpath.Path
}

// Limits are how long things may take.
type Limits struct {
	// Service is for a service to start, to stop, or to be gone after it was deleted.
	Service time.Duration
	// Settle is how long a service has to run before it counts as started. One that is misconfigured often ends
	// within the first second.
	Settle time.Duration
}

// DefaultLimits are for hosts as they are: kubelet takes tens of seconds on a busy one.
func DefaultLimits() Limits { return Limits{Service: 2 * time.Minute, Settle: 2 * time.Second} }

// Event is what happens.
type Event struct {
	// Plan is set once, before the first action.
	Plan *state.Plan
	// Action is the one that is about to be done, or is done, as Done tells.
	Action *state.Action
	Done   bool
	// Number counts actions from 1 to Total.
	Number, Total int
	// Note is something that somebody should know.
	Note string
}

// Report is what has become of a call.
type Report struct {
	Plan state.Plan
	// Done is how many of the plan's actions were done.
	Done int
	// Deferred is how many wait for a reboot.
	Deferred int
	// Reboot tells that the host has to boot, and RebootRequired are the reasons, a sentence each.
	Reboot         bool
	RebootRequired []string
	// Restart tells that the agent's own service has to end, so that it is started anew.
	Restart bool
}

// Facts are what is true of the host, whatever is desired of it, and which of its services are ours.
func (a *Applier) Facts(ctx context.Context, skew Skew) (state.Facts, error) {
	manifest, _, err := a.Store.Load(ctx)
	if err != nil {
		return state.Facts{}, fmt.Errorf("loading what is ours: %w", err)
	}
	var ours []string
	for _, record := range manifest.Records {
		if record.ID.Kind == state.KindService {
			ours = append(ours, record.ID.Name)
		}
	}
	facts, err := a.Host.System.Facts(ctx, ours)
	if err != nil {
		return state.Facts{}, fmt.Errorf("finding facts: %w", err)
	}
	complete(&facts, manifest, skew)
	return facts, nil
}

// complete adds to facts what the host cannot know.
func complete(facts *state.Facts, manifest state.Manifest, skew Skew) {
	facts.ClockSkewSeconds = int64(skew(facts.Time) / time.Second)
	for i, service := range facts.Services {
		_, facts.Services[i].Ours = manifest.Find(state.Service{Name: service.Name}.ID())
	}
}

// Plan observes the host and returns what would have to be done, and the facts that were found. It changes nothing
// and takes no lock. A nil desired state plans removal. The skew is the host's clock minus the manager's.
func (a *Applier) Plan(ctx context.Context, desired *state.Desired, skew Skew) (state.Plan, state.Facts, error) {
	manifest, _, err := a.Store.Load(ctx)
	if err != nil {
		return state.Plan{}, state.Facts{}, fmt.Errorf("loading what is ours: %w", err)
	}
	return a.plan(ctx, desired, manifest, skew)
}

// Skew tells how far the host's clock is from the manager's.
type Skew func(hostTime time.Time) time.Duration

// NoSkew is for whoever has no clock to compare with.
func NoSkew(time.Time) time.Duration { return 0 }

func (a *Applier) plan(
	ctx context.Context, desired *state.Desired, manifest state.Manifest, skew Skew,
) (state.Plan, state.Facts, error) {
	resources, err := plan.Expand(desired)
	if err != nil {
		return state.Plan{}, state.Facts{}, err
	}
	observed, err := observe.All(ctx, a.Host, observe.ScopeOf(desired, resources.IDs(), manifest))
	if err != nil {
		return state.Plan{}, observed.Facts, err
	}
	if observed.Content, err = a.Store.Contents(ctx); err != nil {
		return state.Plan{}, observed.Facts, err
	}
	observed.ContentDrive = a.Store.Root().Drive()
	complete(&observed.Facts, manifest, skew)
	planned, err := plan.Build(plan.Input{Desired: desired, Observed: observed, Manifest: manifest})
	return planned, observed.Facts, err
}

// Apply makes the host what is desired. It returns a *host.LockedError if somebody else changes the host, a
// *RefusedError if something is in the way, a *MissingError if content has to be uploaded first, and an *ActionError if
// an action failed, after which the rest was left. Whatever happened, calling it again goes on from there.
func (a *Applier) Apply(ctx context.Context, desired *state.Desired, skew Skew) (Report, error) {
	return a.locked(ctx, func(ctx context.Context) (Report, error) {
		report, err := a.apply(ctx, desired, skew)
		if err != nil {
			return report, err
		}
		return report, a.tidyPrograms(ctx, desired)
	})
}

// Remove takes the host back to what it was before us. Errors are those of Apply; nothing is ever in the way. With an
// owner that is not empty, a host that another one manages is refused.
func (a *Applier) Remove(ctx context.Context, owner string) (Report, error) {
	return a.locked(ctx, func(ctx context.Context) (Report, error) {
		report, err := a.remove(ctx, owner)
		if err != nil {
			return report, err
		}
		return report, a.tidyPrograms(ctx, nil)
	})
}

// locked runs something under the lock. If nothing is in the agent's directory afterwards, it goes, unless content is
// going to be uploaded there, which is for administrators only from its first byte on.
func (a *Applier) locked(ctx context.Context, run func(context.Context) (Report, error)) (report Report, err error) {
	if err := a.Store.Prepare(ctx); err != nil {
		return Report{}, fmt.Errorf("preparing the agent's directory: %w", err)
	}
	unlock, err := a.Host.System.Lock(ctx, a.Store.Lock(), a.Holder)
	if err != nil {
		return Report{}, fmt.Errorf("locking the host: %w", err)
	}
	report, err = run(ctx)
	if unlocking := unlock(); unlocking != nil {
		err = errors.Join(err, fmt.Errorf("unlocking the host: %w", unlocking))
	}
	if missing := (*MissingError)(nil); errors.As(err, &missing) {
		return report, err
	}
	return report, errors.Join(err, a.Store.RemoveRoot(context.WithoutCancel(ctx)))
}

func (a *Applier) apply(ctx context.Context, desired *state.Desired, skew Skew) (Report, error) {
	session, manifest, err := a.resume(ctx)
	if err != nil {
		return Report{}, err
	}
	planned, facts, err := a.planForContents(ctx, desired, manifest, skew)
	if err != nil {
		return Report{}, errors.Join(err, session.close(ctx))
	}
	a.tell(Event{Plan: &planned})
	report := Report{Plan: planned, Reboot: len(planned.RebootRequired) > 0, RebootRequired: planned.RebootRequired}
	if err := refuse(planned); err != nil {
		return report, errors.Join(err, session.close(ctx))
	}
	if err := a.Store.SaveDesired(ctx, desired); err != nil {
		return report, errors.Join(err, session.close(ctx))
	}
	if len(planned.Actions) == 0 {
		if err := session.close(ctx); err != nil {
			return report, err
		}
		return report, a.keep(ctx, desired, manifest) // An interrupted run may have come to its end, but for this.
	}
	if err := session.begin(ctx, manifest, desired.Owner); err != nil {
		return report, err
	}
	return a.run(ctx, desired, facts, session, report)
}

func (a *Applier) remove(ctx context.Context, owner string) (Report, error) {
	session, manifest, err := a.resume(ctx)
	if err != nil {
		return Report{}, err
	}
	if owner != "" && manifest.Owner != "" && owner != manifest.Owner {
		return Report{}, errors.Join(anotherOwner(manifest.Owner, owner), session.close(ctx))
	}
	planned, facts, err := a.plan(ctx, nil, manifest, NoSkew)
	if err != nil {
		return Report{}, errors.Join(err, session.close(ctx))
	}
	a.tell(Event{Plan: &planned})
	report := Report{Plan: planned, Reboot: len(planned.RebootRequired) > 0, RebootRequired: planned.RebootRequired}
	if len(planned.Actions) > 0 {
		if err := session.begin(ctx, manifest, manifest.Owner); err != nil {
			return report, err
		}
		if report, err = a.run(ctx, nil, facts, session, report); err != nil {
			return report, err
		}
	} else if err := session.close(ctx); err != nil {
		return report, err
	}
	return report, a.Store.Clear(ctx)
}

func (a *Applier) tell(event Event) {
	if a.Progress != nil {
		a.Progress(event)
	}
}
