package clusterstate

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// sameNode tells whether two states of a node lead to the same decisions. Most updates of a node are
// heartbeats, and those do.
func sameNode(a, b policy.Node) bool {
	return a.Ready == b.Ready &&
		a.Unschedulable == b.Unschedulable &&
		a.KernelVersion == b.KernelVersion &&
		slices.EqualFunc(a.Taints, b.Taints, sameTaint) &&
		maps.Equal(a.Labels, b.Labels)
}

// sameTaint ignores when a taint was added.
func sameTaint(a, b corev1.Taint) bool {
	return a.Key == b.Key && a.Value == b.Value && a.Effect == b.Effect
}

func sameClass(a, b policy.RuntimeClass) bool {
	return a.Handler == b.Handler &&
		maps.Equal(a.NodeSelector, b.NodeSelector) &&
		apiequality.Semantic.DeepEqual(a.Tolerations, b.Tolerations)
}

// compiledPolicy is a policy as it was last read: compiled, or the error that keeps it from being.
type compiledPolicy struct {
	uid        types.UID
	generation int64
	policy     *policy.Policy
	err        error
}

func compile(p *v1alpha1.WindowsBuildPolicy) compiledPolicy {
	compiled, err := policy.Compile(p)
	return compiledPolicy{uid: p.UID, generation: p.Generation, policy: compiled, err: err}
}

// samePolicy compares what the API server counts: the generation grows with every change of the spec, and
// a policy that was deleted and made again starts over with another UID.
func samePolicy(a, b compiledPolicy) bool {
	return a.uid == b.uid && a.generation == b.generation
}
