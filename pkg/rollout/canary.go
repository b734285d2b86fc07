package rollout

import (
	"fmt"
	"time"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// trials tells which hosts may be changed as canaries, or after them. What canaries prove is a change of what runs on
// hosts: a host that is restarted or retired tries nothing.
type trials struct {
	*rules
	// begun is how many hosts come before in the queue to try a change.
	begun map[Change]int
}

// tries tells whether what runs on a host changes by what it is taken out of service for.
func tries(reason v1alpha1.DisruptionReason) bool {
	return reason == v1alpha1.DisruptionChange || reason == v1alpha1.DisruptionReplace
}

// isTrial tells whether a host waits to be brought to a change that others may be to have as well. A host that was rolled
// back, and is only to be again as it was then, tries nothing: it has no digest to be brought to.
func isTrial(h *Host) bool { return tries(h.Wants) && h.Wanted.Digest != "" }

// begin counts a host that comes before.
func (t *trials) begin(h *Host) {
	if isTrial(h) {
		t.begun[h.Wanted]++
	}
}

// keep keeps a host that is no canary until the canaries have proven the change.
func (t *trials) keep(h *Host) refusal {
	if t.canary == 0 || !isTrial(h) {
		return nil
	}
	p := t.progress[h.Wanted]
	needed := min(t.canary, p.nodes)
	if p.proven >= needed || p.proven+len(p.trying)+t.begun[h.Wanted] < needed {
		return nil
	}
	return func() Decision {
		waits := Decision{Reason: v1alpha1.ReasonAwaitingTurn, RetryAfter: askAgain}
		subject := "the first host to be changed"
		if len(p.trying) > 0 {
			subject = names(p.trying)
		}
		waits.Message = fmt.Sprintf("Waits for %s to be in service for %s with %s: %d of %s proven it.",
			subject, t.canarySoak, h.Wanted.phrase(), p.proven, countOf(needed, "canary has", "canaries have"))
		if !p.soaked.IsZero() {
			waits.RetryAfter = max(p.soaked.Sub(t.now), time.Second)
		}
		return waits
	}
}
