package policy

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"

	"github.com/mullion-dev/mullion/pkg/workload"
)

// BeforePlacement is a pod as it was before the policy in force placed it, for judging where it could go if it were
// made again. The pod itself is not changed.
//
// A placed pod does not say who gave it its selectors. It is taken to have been placed where it has all that
// placing gives, together and for the same build: the node selectors for Windows and for the build, and the build's
// RuntimeClass. Then the selector for the build goes, the RuntimeClass with the selectors that it brought, and the
// tolerations that equal one which the policy or the class gives. Of these nothing is lost if the user wrote them:
// placing the pod gives the tolerations again, and a build that the user wants is asked for by the label
// [v1alpha1.LabelWindowsBuild], which stays. A pod that has less than all of it chose its nodes itself, and is
// returned as it is; so is one that a policy in the mode Audit, or none, looks after.
func (s *Snapshot) BeforePlacement(pod *workload.Pod, namespaceLabels map[string]string) *workload.Pod {
	p := s.policies.Match(namespaceLabels, pod.Metadata.Labels)
	if p == nil || !(&Decision{Mode: p.Mode}).Places() {
		return pod
	}
	at := slices.IndexFunc(p.Builds, func(b PolicyBuild) bool { return b.placed(pod) })
	if at < 0 {
		return pod
	}
	build := &p.Builds[at]
	class := s.runtimeClasses[build.RuntimeClass]
	granted := s.fleet.OSTolerations(build.Build)
	granted = slices.Concat(granted, build.tolerations, p.tolerations, class.Tolerations)

	before := *pod
	before.Spec.RuntimeClassName = nil
	before.Spec.NodeSelector = maps.Clone(pod.Spec.NodeSelector)
	delete(before.Spec.NodeSelector, corev1.LabelWindowsBuild)
	maps.DeleteFunc(before.Spec.NodeSelector, func(key, value string) bool {
		selected, brought := class.NodeSelector[key]
		return brought && selected == value && key != corev1.LabelOSStable
	})
	before.Spec.Tolerations = slices.DeleteFunc(slices.Clone(pod.Spec.Tolerations), func(t corev1.Toleration) bool {
		return slices.ContainsFunc(granted, func(g corev1.Toleration) bool { return sameToleration(t, g) })
	})
	return &before
}

// placed tells whether a pod has everything that placing it on the build gives.
func (b *PolicyBuild) placed(pod *workload.Pod) bool {
	class := pod.Spec.RuntimeClassName
	return class != nil && *class == b.RuntimeClass &&
		pod.Spec.NodeSelector[corev1.LabelWindowsBuild] == b.label &&
		pod.Spec.NodeSelector[corev1.LabelOSStable] == string(corev1.Windows)
}

func sameToleration(a, b corev1.Toleration) bool {
	a.Operator, b.Operator = operator(a), operator(b)
	return apiequality.Semantic.DeepEqual(a, b)
}
