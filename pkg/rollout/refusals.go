package rollout

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// askSomebody is when to ask again where it takes somebody to change something, which is also looked out for.
const askSomebody = 5 * time.Minute

// refusal is what keeps a host from going. It is put into words only for the host that asks: of those that come before,
// it matters only that something keeps them. Nil keeps it not.
type refusal func() Decision

// invalid keeps every host while the policy's settings cannot be read.
func (r *rules) invalid(*Host) refusal {
	if r.problem == nil {
		return nil
	}
	return func() Decision {
		return Decision{Reason: v1alpha1.ReasonRolloutHalted, Message: r.problemMessage(), RetryAfter: askSomebody}
	}
}

func (r *rules) problemMessage() string {
	return fmt.Sprintf("Nothing begins before the policy's settings are corrected: %s.", strings.ReplaceAll(r.problem.Error(), "\n", "; "))
}

const pausedMessage = "The rollout is paused by spec.rollout.paused of the policy."

// pause keeps every host while the rollout is paused.
func (r *rules) pause(*Host) refusal {
	if !r.paused {
		return nil
	}
	return func() Decision {
		return Decision{Reason: v1alpha1.ReasonRolloutPaused, Message: pausedMessage, RetryAfter: askSomebody}
	}
}

// budget keeps a host from a change that as many others have failed with as may. A host that failed itself is not
// kept by that: it adds to nothing by being tried again, and it ends the halt if it succeeds.
func (r *rules) budget(h *Host) refusal {
	if !isTrial(h) || len(r.progress[h.Wanted].failed) < r.failureBudget {
		return nil
	}
	failed := without(r.progress[h.Wanted].failed, h)
	if len(failed) < r.failureBudget {
		return nil
	}
	return func() Decision {
		return Decision{Reason: v1alpha1.ReasonRolloutHalted, Message: r.haltedMessage(h.Wanted, failed), RetryAfter: askSomebody}
	}
}

func without(hosts []*Host, h *Host) []*Host {
	return slices.DeleteFunc(slices.Clone(hosts), func(o *Host) bool { return o == h })
}

func (r *rules) haltedMessage(change Change, failed []*Host) string {
	return fmt.Sprintf("Halted: %s failed with %s, and the failure budget is %d. It goes on when WindowsNodeConfig %q is changed, when they are up to date or removed, or with a larger failureBudget.",
		names(failed), change.phrase(), r.failureBudget, change.NodeConfig)
}

// closed keeps every host while no maintenance window is open.
func (r *rules) closed(*Host) refusal {
	if r.open {
		return nil
	}
	return func() Decision {
		closed := Decision{Reason: v1alpha1.ReasonOutsideWindow, Message: "No maintenance window is open, and none will be.", RetryAfter: askSomebody}
		if next := r.windows.next(r.now); !next.IsZero() {
			closed.Message = fmt.Sprintf("Waits for the maintenance window that opens at %s.", next.UTC().Format(time.RFC3339))
			closed.RetryAfter = max(next.Sub(r.now), time.Second)
		}
		return closed
	}
}
