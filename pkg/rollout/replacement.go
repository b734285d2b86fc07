package rollout

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// replacements are the machines that were deleted for others to take their place.
//
// Between the end of the one and the beginning of the other no object stands for the node that is missing, and without
// this every machine would be replaced as fast as it can be deleted. A process that starts in between knows only of
// hosts that are still there.
type replacements struct {
	pending map[types.NamespacedName]replacement
	// counted are the hosts that have taken the place of one.
	counted map[types.NamespacedName]bool
}

// replacement is a host whose machine is replaced.
type replacement struct {
	policy string
	// since is when its turn came, and gone when it was seen to be gone; zero before.
	since, gone time.Time
}

// maxProvisioning is for how long a machine is waited for that takes the place of one that is gone. A machine that nobody
// makes again must not keep the others for ever.
const maxProvisioning = time.Hour

// see looks at a host that is there, of whatever policy.
func (r *replacements) see(h *Host, policy string) {
	if h.Disruption == nil {
		delete(r.pending, h.Key) // It was given up, and the host stays.
		return
	}
	// It becomes a removal once the machine is gone and its host with it.
	if _, known := r.pending[h.Key]; !known && h.Disruption.Reason == v1alpha1.DisruptionReplace {
		r.pending[h.Key] = replacement{policy: policy, since: h.Disruption.Since.Time}
	}
}

// missing are hosts that stand for those that are gone and that none of the hosts of a policy has taken the place of.
func (r *replacements) missing(policy string, hosts []Host, exists func(types.NamespacedName) bool, now time.Time) []Host {
	for key := range r.counted {
		if !exists(key) {
			delete(r.counted, key)
		}
	}
	var missing []Host
	for key, p := range r.pending {
		if p.policy != policy || exists(key) {
			continue
		}
		if p.gone.IsZero() {
			p.gone = now
			r.pending[key] = p
		}
		if now.Sub(p.gone) > maxProvisioning || r.hasArrived(hosts, p.since) {
			delete(r.pending, key)
			continue
		}
		missing = append(missing, Host{Key: key, HasNode: true, OutBecause: "Replaced", Disruption: &v1alpha1.HostDisruption{
			Reason: v1alpha1.DisruptionReplace, Since: metav1.NewTime(p.since),
		}})
	}
	return missing
}

// hasArrived tells whether a host has joined that was made since and has taken no other's place, and counts it.
func (r *replacements) hasArrived(hosts []Host, since time.Time) bool {
	for i := range hosts {
		h := &hosts[i]
		if h.HasNode && h.Created.After(since) && !r.counted[h.Key] {
			r.counted[h.Key] = true
			return true
		}
	}
	return false
}
