package rollout

import (
	"slices"
	"time"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// capacity is how many hosts may still be taken out of service.
//
// A host that is out of service anyway takes nothing from anybody when it is changed, and it may be the change that
// brings it back. So it needs room among the turns only; one that serves needs room among all that are out of service.
type capacity struct {
	// limit is how many of the total of nodes may be out of service at once.
	limit, total int
	// turns are the hosts that have a turn, and out those that are out of service without one.
	turns, out []*Host
	// ahead are those that come before in the queue and have what is left, and behind those that come before as well
	// and find nothing left.
	ahead, behind []*Host
}

func newCapacity(r *rules) *capacity {
	c := &capacity{}
	for i := range r.hosts {
		h := &r.hosts[i]
		if h.HasNode {
			c.total++
		}
		switch {
		case hasTurn(h):
			c.turns = append(c.turns, h)
		case h.HasNode && !h.Available:
			c.out = append(c.out, h)
		}
	}
	c.limit = r.limit(c.total)
	return c
}

// hasTurn tells whether a host counts as taken out of service by us. One that joins was not in service.
func hasTurn(h *Host) bool {
	return h.Disruption != nil && h.Disruption.Reason != v1alpha1.DisruptionJoin
}

// room is what is left for a host.
func (c *capacity) room(h *Host) int {
	used := len(c.turns) + len(c.ahead)
	if h.Available && used < c.limit {
		used += len(outside(c.out, c.ahead))
	}
	return c.limit - used
}

// outside are the hosts that are not among others.
func outside(hosts, others []*Host) []*Host {
	return slices.DeleteFunc(slices.Clone(hosts), func(h *Host) bool { return slices.Contains(others, h) })
}

// take lets a host that comes before have its turn, if there is room.
func (c *capacity) take(h *Host) bool {
	if c.room(h) <= 0 {
		c.behind = append(c.behind, h)
		return false
	}
	c.ahead = append(c.ahead, h)
	return true
}

// Hosts that wait ask again after the shorter time, and later the more come before them.
const (
	askAgain       = 15 * time.Second
	askAgainAtMost = 5 * time.Minute
)

func (c *capacity) decide(h *Host) Decision {
	if c.room(h) > 0 {
		return Decision{May: true}
	}
	return Decision{
		Reason:     v1alpha1.ReasonAwaitingTurn,
		Message:    c.message(h),
		RetryAfter: min(askAgain*time.Duration(1+len(c.behind)/c.limit), askAgainAtMost),
	}
}
