package mutate

import (
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/pkg/admission"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// Patch is the patch that makes the edits in a pod's specification, which stands at the path: "spec" for a pod.
func Patch(spec *workload.PodSpec, edits *policy.Edits, path ...string) []admission.Operation {
	at := func(tokens ...string) []string { return append(path[:len(path):len(path)], tokens...) }
	var patch []admission.Operation
	if edits.OS != "" {
		patch = append(patch, admission.Add(map[string]string{"name": edits.OS}, at("os")...))
	}
	patch = append(patch, selectorPatch(spec, edits, at)...)
	if edits.RuntimeClassName != "" {
		patch = append(patch, admission.Add(edits.RuntimeClassName, at("runtimeClassName")...))
	}
	return append(patch, tolerationPatch(spec, edits, at)...)
}

func selectorPatch(spec *workload.PodSpec, edits *policy.Edits, at func(...string) []string) []admission.Operation {
	switch {
	case len(edits.NodeSelector) == 0:
		return nil
	case spec.NodeSelector == nil:
		selector := make(map[string]string, len(edits.NodeSelector))
		for _, label := range edits.NodeSelector {
			selector[label.Key] = label.Value
		}
		return []admission.Operation{admission.Add(selector, at("nodeSelector")...)}
	}
	patch := make([]admission.Operation, 0, len(edits.NodeSelector))
	for _, label := range edits.NodeSelector {
		patch = append(patch, admission.Add(label.Value, at("nodeSelector", label.Key)...))
	}
	return patch
}

func tolerationPatch(spec *workload.PodSpec, edits *policy.Edits, at func(...string) []string) []admission.Operation {
	switch {
	case len(edits.Tolerations) == 0:
		return nil
	case spec.Tolerations == nil:
		return []admission.Operation{admission.Add(edits.Tolerations, at("tolerations")...)}
	}
	patch := make([]admission.Operation, 0, len(edits.Tolerations))
	for _, toleration := range edits.Tolerations {
		patch = append(patch, admission.Add(toleration, at("tolerations", "-")...))
	}
	return patch
}

// AffinityPatch binds a pod's specification to builds by required node affinity. Terms are alternatives, so
// the requirement goes into every one of them: another term would widen what the user wrote.
func AffinityPatch(spec *workload.PodSpec, builds []policy.Build, path ...string) []admission.Operation {
	if len(builds) == 0 {
		return nil
	}
	requirement := corev1.NodeSelectorRequirement{Key: corev1.LabelWindowsBuild, Operator: corev1.NodeSelectorOpIn}
	for _, build := range builds {
		requirement.Values = append(requirement.Values, build.String())
	}
	at := func(tokens ...string) []string { return append(path[:len(path):len(path)], tokens...) }
	required := &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{
		{MatchExpressions: []corev1.NodeSelectorRequirement{requirement}},
	}}
	const field = "requiredDuringSchedulingIgnoredDuringExecution"
	switch affinity := spec.Affinity; {
	case affinity == nil:
		value := &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: required}}
		return []admission.Operation{admission.Add(value, at("affinity")...)}
	case affinity.NodeAffinity == nil:
		value := &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: required}
		return []admission.Operation{admission.Add(value, at("affinity", "nodeAffinity")...)}
	case affinity.NodeAffinity.Required == nil:
		return []admission.Operation{admission.Add(required, at("affinity", "nodeAffinity", field)...)}
	}
	var patch []admission.Operation
	for i, term := range spec.Affinity.NodeAffinity.Required.NodeSelectorTerms {
		here := at("affinity", "nodeAffinity", field, "nodeSelectorTerms", strconv.Itoa(i), "matchExpressions")
		switch {
		case len(term.MatchExpressions) == 0 && len(term.MatchFields) == 0:
			// An empty term matches no node; a requirement would make it match some.
		case term.MatchExpressions == nil:
			patch = append(patch, admission.Add([]corev1.NodeSelectorRequirement{requirement}, here...))
		default:
			patch = append(patch, admission.Add(requirement, append(here, "-")...))
		}
	}
	return patch
}
