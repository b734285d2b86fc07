package policy

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// withBuildOf is the policy with the build that an existing pod is bound to, where the policy does not list
// it (any more): a change of the pod's image is judged by the node that it has, not by those it could have.
func (p *Policy) withBuildOf(pod *workload.Pod, fleet *Fleet) *Policy {
	build, known := fleet.nodeBuild(pod.Spec.NodeName)
	if !known {
		var err error
		if build, err = ParseBuild(pod.Spec.NodeSelector[corev1.LabelWindowsBuild]); err != nil {
			return p
		}
	}
	if build.IsZero() || p.lists(build) {
		return p
	}
	extended := *p
	extended.Builds = append(slices.Clip(p.Builds), PolicyBuild{
		Build:        build,
		State:        v1alpha1.BuildActive,
		Isolation:    v1alpha1.IsolationProcess,
		RuntimeClass: defaultClassName(build, v1alpha1.IsolationProcess),
		Handler:      HandlerProcess,
		label:        build.String(),
	})
	return &extended
}
