package rollout

import "time"

// progress is how far the hosts are that are to have a change.
type progress struct {
	// nodes is how many there are that have joined.
	nodes int
	// failed are those that failed to be brought to it.
	failed []*Host
	// proven is how many have been in service with it for as long as canaries have to be.
	proven int
	// trying are those that have it, or are being brought to it, and have not proven it.
	trying []*Host
	// soaked is when the first of them will have proven it, if it stays in service; zero where none is in service.
	soaked time.Time
	// pending tells that a host waits to be brought to it, or is being brought to it.
	pending bool
}

// add counts a host that is to have the change. One that failed proves nothing, and another one tries, as long as the
// failure budget lasts. One that went out of service with the change is waited for.
func (p *progress) add(h *Host, r *rules) {
	if h.Failed {
		p.failed = append(p.failed, h)
	}
	if !h.HasNode {
		return
	}
	p.nodes++
	has := h.Has == h.Wanted
	p.pending = p.pending || !has && (hasTurn(h) || takesPods(h))
	switch {
	case h.Failed:
	case hasTurn(h) && tries(h.Disruption.Reason):
		p.trying = append(p.trying, h)
	case !has || !h.UpToDate:
	case !h.Available:
		p.trying = append(p.trying, h)
	default:
		p.soak(h, r)
	}
}

// soak counts a host that is in service with the change.
func (p *progress) soak(h *Host, r *rules) {
	soaked := latest(h.ReadySince, h.AppliedAt).Add(r.canarySoak)
	if !soaked.After(r.now) {
		p.proven++
		return
	}
	p.trying = append(p.trying, h)
	if p.soaked.IsZero() || soaked.Before(p.soaked) {
		p.soaked = soaked
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
