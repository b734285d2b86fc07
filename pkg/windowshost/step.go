package windowshost

import (
	"context"
	"slices"
	"time"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// step is one thing that is done with a host. It keeps nothing between calls, and is used for many hosts at once.
type step interface {
	// name is what the status calls it. Several steps may have one name.
	name() v1alpha1.HostStep
	// do begins with what is true by now. An error is why the step could not be done, for which [because] gives a reason.
	do(ctx context.Context, p *pass) (verdict, error)
}

// verdict is whether a pass goes on after a step.
type verdict struct {
	// stop ends the pass; then the rest says in which phase the host is, and why, in a word and in a sentence.
	stop            bool
	phase           v1alpha1.HostPhase
	reason, message string
	// after is when to look again at the latest.
	after time.Duration
}

// proceed lets the pass go on.
func proceed() verdict { return verdict{} }

// wait ends the pass for now.
func wait(phase v1alpha1.HostPhase, reason, message string, after time.Duration) verdict {
	return verdict{stop: true, phase: phase, reason: reason, message: message, after: after}
}

// How soon to look again.
const (
	// behind is when the cache may have seen what it was found not to have.
	behind = 200 * time.Millisecond
	// soon is after the cache has seen what was just written.
	soon = time.Second
	// lookAgain is for what others do meanwhile, within seconds or minutes.
	lookAgain = 10 * time.Second
	// drainPause is between two attempts to evict.
	drainPause = 5 * time.Second
)

// order is that of the steps: an error is over when a later step was reached.
func order() []v1alpha1.HostStep {
	return []v1alpha1.HostStep{
		v1alpha1.StepResolve, v1alpha1.StepConnect, v1alpha1.StepPreflight, v1alpha1.StepPlan, v1alpha1.StepClaim,
		v1alpha1.StepDrain, v1alpha1.StepApply, v1alpha1.StepReboot, v1alpha1.StepJoin, v1alpha1.StepVerify,
		v1alpha1.StepRelease, v1alpha1.StepRemove,
	}
}

// before tells whether a step comes before another one.
func before(a, b v1alpha1.HostStep) bool {
	return slices.Index(order(), a) < slices.Index(order(), b)
}
