package lint

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/pkg/workload"
)

// knownLabel tells whether a label of nodes is known without a cluster.
func knownLabel(key string) bool {
	switch key {
	case corev1.LabelOSStable, "beta.kubernetes.io/os", corev1.LabelArchStable, "beta.kubernetes.io/arch", corev1.LabelWindowsBuild:
		return true
	default:
		return false
	}
}

// withoutUnknown is the pod without what selects nodes by something that is not known of them, so that they are
// taken to have it.
func withoutUnknown(pod *workload.Pod) *workload.Pod {
	reduced := *pod
	reduced.Spec.NodeName = ""
	reduced.Spec.NodeSelector = knownLabels(pod.Spec.NodeSelector)
	if affinity := pod.Spec.Affinity; affinity != nil && affinity.NodeAffinity != nil && affinity.NodeAffinity.Required != nil {
		required := knownRequirements(affinity.NodeAffinity.Required)
		reduced.Spec.Affinity = &workload.Affinity{NodeAffinity: &workload.NodeAffinity{Required: required}}
	}
	return &reduced
}

func knownLabels(labels map[string]string) map[string]string {
	known := maps.Clone(labels)
	maps.DeleteFunc(known, func(key, _ string) bool { return !knownLabel(key) })
	return known
}

// knownRequirements are those of a required affinity. Terms are alternatives, so that one of which nothing is known
// leaves nothing of the others either.
func knownRequirements(required *corev1.NodeSelector) *corev1.NodeSelector {
	known := &corev1.NodeSelector{}
	for i := range required.NodeSelectorTerms {
		term := &required.NodeSelectorTerms[i]
		if len(term.MatchExpressions)+len(term.MatchFields) == 0 {
			continue // It selects no node.
		}
		expressions := slices.DeleteFunc(slices.Clone(term.MatchExpressions), func(r corev1.NodeSelectorRequirement) bool {
			return !knownLabel(r.Key)
		})
		if len(expressions) == 0 {
			return nil
		}
		known.NodeSelectorTerms = append(known.NodeSelectorTerms, corev1.NodeSelectorTerm{MatchExpressions: expressions})
	}
	return known
}
