package clusterstate

import (
	"maps"

	apiequality "k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

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
