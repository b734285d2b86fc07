package rollout

import (
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// Decision is whether a host may be taken out of service.
type Decision struct {
	// May tells that it may, now.
	May bool
	// Reason is one word for why it may not, and Message a sentence: v1alpha1.ReasonAwaitingTurn, ReasonOutsideWindow,
	// ReasonRolloutPaused, ReasonRolloutHalted or ReasonWouldStrand.
	Reason, Message string
	// RetryAfter is when to ask again, if nothing changes before that.
	RetryAfter time.Duration
}

// Decide says whether a host may be taken out of service for what it wants. The hosts are all that live under the
// policy, the candidate among them, in any order; they are not changed. An error means that the candidate is not among
// them, or wants nothing.
func Decide(policy v1alpha1.RolloutPolicy, hosts []Host, candidate types.NamespacedName, now time.Time) (Decision, error) {
	c := find(hosts, candidate)
	switch {
	case c == nil:
		return Decision{}, fmt.Errorf("deciding whose turn it is: host %s is none of the policy's", candidate)
	case c.Disruption != nil:
		return Decision{May: true}, nil // What has begun is brought to its end.
	case c.Wants == "":
		return Decision{}, fmt.Errorf("deciding whose turn it is: host %s wants nothing", candidate)
	case !takesPods(c):
		return Decision{May: true}, nil
	}
	r := newRules(readSettings(&policy), hosts, now)
	if kept := r.keeps(c); kept != nil {
		return kept(), nil
	}
	return r.turn(c), nil
}

func find(hosts []Host, key types.NamespacedName) *Host {
	for i := range hosts {
		if hosts[i].Key == key {
			return &hosts[i]
		}
	}
	return nil
}

// rules are what decides about the hosts of a policy at one time.
type rules struct {
	*settings
	hosts []Host
	now   time.Time
	// open tells that a maintenance window is open.
	open bool
	// progress is how far each change is that a host is to have.
	progress map[Change]*progress
}

func newRules(s *settings, hosts []Host, now time.Time) *rules {
	r := &rules{settings: s, hosts: hosts, now: now, open: s.windows.open(now), progress: map[Change]*progress{}}
	for i := range hosts {
		h := &hosts[i]
		if h.Wanted.Digest == "" {
			continue
		}
		p := r.progress[h.Wanted]
		if p == nil {
			p = &progress{}
			r.progress[h.Wanted] = p
		}
		p.add(h, r)
	}
	return r
}

// keeps is what keeps a host from going, whoever else goes.
func (r *rules) keeps(h *Host) refusal {
	if h.Wants == v1alpha1.DisruptionRemove {
		return nil // Somebody has deleted it, and the rollout is about those that stay.
	}
	for _, rule := range []func(*Host) refusal{r.invalid, r.pause, r.budget, r.closed} {
		if kept := rule(h); kept != nil {
			return kept
		}
	}
	return nil
}

// turn says whether the candidate's turn has come, by walking along the queue to it.
func (r *rules) turn(candidate *Host) Decision {
	c := newCapacity(r)
	trials := trials{rules: r, begun: map[Change]int{}}
	for _, h := range queue(r.hosts, candidate) {
		if h == candidate {
			break
		}
		if r.keeps(h) == nil && trials.keep(h) == nil && c.take(h) {
			trials.begin(h)
		}
	}
	if kept := trials.keep(candidate); kept != nil {
		return kept()
	}
	return c.decide(candidate)
}
