package rollout

import "time"

// estimate is when the last host would be done if it went on at the pace of those that are; zero where that cannot
// be told: before two hosts are done, where a host is blocked or waits for a window that is not open, and once the time
// has passed without its coming true. When a host was begun is not kept once it is done, so the pace is how far apart
// hosts were done, from the first to the last: it has in it how many are changed at once.
//
// It is counted from the last host that was done, not from now, so that it changes only when another is.
func (r *rules) estimate() time.Time {
	var first, last time.Time
	done, left := 0, 0
	for i := range r.hosts {
		h := &r.hosts[i]
		switch {
		case blockOf(h) != nil:
			return time.Time{} // It goes on when somebody has done something about it.
		case hasTurn(h), h.Disruption == nil && takesPods(h):
			left++
		case h.UpToDate && h.Has == h.Wanted && !h.AppliedAt.IsZero() && r.isPending(h.Wanted):
			done++
			if first.IsZero() || h.AppliedAt.Before(first) {
				first = h.AppliedAt
			}
			last = latest(last, h.AppliedAt)
		}
	}
	if left == 0 || done < 2 || !r.open {
		return time.Time{}
	}
	pace := last.Sub(first) / time.Duration(done-1)
	end := last.Add(pace * time.Duration(left)).Truncate(time.Second)
	if !end.After(r.now) || !r.windows.open(end) {
		return time.Time{}
	}
	return end
}

// isPending tells whether a host is still to be brought to the change. What was changed long ago says nothing of the pace
// of now.
func (r *rules) isPending(change Change) bool {
	p := r.progress[change]
	return p != nil && p.pending
}
