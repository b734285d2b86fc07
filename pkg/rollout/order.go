package rollout

import (
	"cmp"
	"slices"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// queue is the hosts that wait and could go, and the candidate among them, in the order in which they are asked. A host
// whose pods would be stranded is not among them: it asks again, and until then it holds up nobody.
func queue(hosts []Host, candidate *Host) []*Host {
	waiting := []*Host{candidate}
	for i := range hosts {
		h := &hosts[i]
		if h.Key != candidate.Key && h.Disruption == nil && takesPods(h) && h.Refusal != v1alpha1.ReasonWouldStrand {
			waiting = append(waiting, h)
		}
	}
	slices.SortFunc(waiting, compareTurns)
	return waiting
}

// takesPods tells whether a host waits for what would take a node out of service.
func takesPods(h *Host) bool {
	return h.HasNode && h.Wants != "" && h.Wants != v1alpha1.DisruptionJoin
}

// compareTurns orders hosts by whose turn comes first.
func compareTurns(a, b *Host) int {
	return cmp.Or(
		firstIf(a.Wants == v1alpha1.DisruptionRemove, b.Wants == v1alpha1.DisruptionRemove),
		firstIf(!a.Available, !b.Available),
		a.Created.Compare(b.Created),
		cmp.Compare(a.Key.Namespace, b.Key.Namespace),
		cmp.Compare(a.Key.Name, b.Key.Name),
	)
}

// firstIf puts what something is true of before what it is not true of.
func firstIf(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	default:
		return 1
	}
}
