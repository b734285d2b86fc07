package rollout

import "time"

// estimate is when the last host would be done if it went on at the pace of those that are; zero where that cannot
// be told: before two hosts are done, where a host is blocked or waits for a window that is not open, and once the time
// has passed without its coming true. When a host was begun is not kept once it is done, so the pace is how far apart
// hosts were done, from the first to the last: it has in it how many are changed at once.
//
// It is counted from the last host that was done, not from now, so that it changes only when another is.
func (r *rules) estimate() time.Time {
	done, left, blocked := r.paceOf()
	if blocked || left == 0 || done.hosts < 2 || !r.open {
		return time.Time{}
	}
	apart := done.last.Sub(done.first) / time.Duration(done.hosts-1)
	end := done.last.Add(apart * time.Duration(left)).Truncate(time.Second)
	if !end.After(r.now) || !r.windows.open(end) {
		return time.Time{}
	}
	return end
}

// pace is how many hosts were done, from when to when.
type pace struct {
	hosts       int
	first, last time.Time
}

func (p *pace) add(at time.Time) {
	if p.hosts == 0 || at.Before(p.first) {
		p.first = at
	}
	p.last = latest(p.last, at)
	p.hosts++
}

// paceOf is what was done of what is being rolled out, and how many hosts are left. A host that is blocked goes on when
// somebody has done something about it.
func (r *rules) paceOf() (done pace, left int, blocked bool) {
	for i := range r.hosts {
		h := &r.hosts[i]
		switch {
		case blockOf(h) != nil:
			blocked = true
		case hasTurn(h), h.Disruption == nil && takesPods(h):
			left++
		case h.UpToDate && h.Has == h.Wanted && !h.AppliedAt.IsZero() && r.isPending(h.Wanted):
			done.add(h.AppliedAt)
		}
	}
	return done, left, blocked
}

// isPending tells whether a host is still to be brought to the change. What was changed long ago says nothing of the pace
// of now.
func (r *rules) isPending(change Change) bool {
	p := r.progress[change]
	return p != nil && p.pending
}
