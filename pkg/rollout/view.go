package rollout

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// view is what is decided by: what the cache shows, with what is remembered.
type view struct {
	// hosts are those of the policy, and candidate is the one of them that asks.
	hosts     []Host
	candidate *Host
	// leaving are the nodes of all other hosts, whatever their policy, that are being taken out of service for good. Those
	// that come back leave no pod with nowhere to go.
	leaving []string
}

// view reads the hosts. The lock is held: a turn that another host was given before is in the cache, or remembered.
func (t *Turns) view(ctx context.Context, ask Ask) (*view, error) {
	// Nothing of what is listed is changed or kept, so that it need not be copied.
	var hosts v1alpha1.WindowsHostList
	if err := t.reader.List(ctx, &hosts, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing hosts: %w", err)
	}
	generations, err := Generations(ctx, t.reader)
	if err != nil {
		return nil, err
	}
	now := t.clock.Now()
	key := client.ObjectKeyFromObject(ask.Host)
	v := &view{}
	known := map[types.NamespacedName]bool{key: true}
	exists := func(k types.NamespacedName) bool { return known[k] }
	for i := range hosts.Items {
		host := &hosts.Items[i]
		if client.ObjectKeyFromObject(host) == key {
			continue // It is as whoever asks has read it.
		}
		h := member(ask.Policy, host, generations)
		known[h.Key] = true
		t.memory.overlay(&h, now)
		t.memory.replacements.see(&h, host.Status.Policy)
		if leavesForGood(&h) {
			v.leaving = append(v.leaving, h.Node)
		}
		if host.Status.Policy != ask.Policy.Name {
			continue
		}
		if h.Wants != "" && !t.memory.isWaiting(h.Key, now) {
			h.Wants, h.Refusal = "", ""
		}
		v.hosts = append(v.hosts, h)
	}
	t.memory.forget(exists)
	v.hosts = append(v.hosts, t.memory.replacements.missing(ask.Policy.Name, v.hosts, exists, now)...)
	v.addCandidate(ask, generations)
	return v, nil
}

// leavesForGood tells whether the node of a host is about to be gone.
func leavesForGood(h *Host) bool {
	return h.Node != "" && h.Disruption != nil && ForGood(h.Disruption.Reason)
}

// ForGood tells whether the node of a host that is taken out of service for a reason does not come back: pods that are
// moved off it have to do without it.
func ForGood(reason v1alpha1.DisruptionReason) bool {
	return reason == v1alpha1.DisruptionRemove || reason == v1alpha1.DisruptionRetire
}

func (v *view) addCandidate(ask Ask, generations map[string]int64) {
	candidate := member(ask.Policy, ask.Host, generations)
	if candidate.Disruption == nil {
		candidate.Wants, candidate.Refusal = ask.Reason, ""
		candidate.Wanted.Digest = ask.Digest
	}
	if ask.Node != "" && ask.Reason != v1alpha1.DisruptionJoin && !candidate.HasNode {
		candidate.HasNode, candidate.Available = true, true // Whoever made it a node, pods may be on it.
	}
	v.hosts = append(v.hosts, candidate)
	v.candidate = &v.hosts[len(v.hosts)-1]
}

// Generations are those of all WindowsNodeConfigs by name.
func Generations(ctx context.Context, reader client.Reader) (map[string]int64, error) {
	var configs v1alpha1.WindowsNodeConfigList
	if err := reader.List(ctx, &configs, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing node configurations: %w", err)
	}
	generations := make(map[string]int64, len(configs.Items))
	for i := range configs.Items {
		generations[configs.Items[i].Name] = configs.Items[i].Generation
	}
	return generations, nil
}
