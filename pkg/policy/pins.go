package policy

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// pin is one of a pod's own settings that leaves only some builds.
type pin struct {
	// field is the path of the setting and value what it says, for a person.
	field, value string
	// unknownNode is the node that the setting binds the pod to, where no Windows node of that name is known.
	unknownNode string
	// names tells that the setting names a build, rather than something that only some builds' nodes have.
	names bool
	// builds are the policy's builds that it leaves.
	builds buildSet
}

// pinsOf collects every setting by which a pod chooses among builds itself.
func pinsOf(pod *workload.Pod, subject Subject, s *Snapshot, p *Policy) []pin {
	var pins []pin
	add := func(field, value string, names bool, leaves func(i int) bool) {
		var builds buildSet
		for i := range p.Builds {
			if leaves(i) {
				builds |= 1 << i
			}
		}
		pins = append(pins, pin{field: field, value: value, names: names, builds: builds})
	}
	if want, ok := pod.Metadata.Labels[v1alpha1.LabelWindowsBuild]; ok {
		add("metadata.labels["+v1alpha1.LabelWindowsBuild+"]", want, true,
			func(i int) bool { return p.Builds[i].label == want })
	}
	if name := pod.Spec.RuntimeClassName; name != nil && *name != "" {
		add("spec.runtimeClassName", *name, s.classNamesBuild(*name),
			func(i int) bool { return s.classSelects(*name, &p.Builds[i]) })
	}
	byQuery := func(field, value string, names bool, q nodeQuery) {
		add(field, value, names, func(i int) bool { return s.fleet.admits(p.Builds[i].Build, &q) != no })
	}
	if len(pod.Spec.NodeSelector) > 0 {
		field := "spec.nodeSelector"
		build, names := pod.Spec.NodeSelector[corev1.LabelWindowsBuild]
		if names {
			field += "[" + corev1.LabelWindowsBuild + "]"
		}
		byQuery(field, build, names, nodeQuery{nodeSelector: labelsOf(pod.Spec.NodeSelector)})
	}
	if q := queryOf(pod); q.required != nil {
		byQuery("spec.affinity.nodeAffinity", "", namesBuild(q.required), nodeQuery{required: q.required})
		pins[len(pins)-1].unknownNode = s.fleet.unknownNode(q.required)
	}
	if name := pod.Spec.NodeName; name != "" {
		_, known := s.fleet.nodeBuild(name)
		switch {
		case known:
			byQuery("spec.nodeName", name, true, nodeQuery{nodeName: name})
		case subject != ExistingPod: // One that exists may outlive its node.
			pins = append(pins, pin{field: "spec.nodeName", value: name, unknownNode: name})
		}
	}
	return pins
}

// unknownNode is the first node that a required affinity names, where it binds to nodes by name and none of them is
// known. A DaemonSet's pod may be made for a node that joined a moment ago.
func (f *Fleet) unknownNode(required *corev1.NodeSelector) string {
	var first string
	for i := range required.NodeSelectorTerms {
		fields := required.NodeSelectorTerms[i].MatchFields
		by := slices.IndexFunc(fields, func(r corev1.NodeSelectorRequirement) bool { return r.Operator == corev1.NodeSelectorOpIn })
		if by < 0 || len(fields[by].Values) == 0 || len(f.nodesNamed(fields[by].Values...)) > 0 {
			return ""
		}
		if first == "" {
			first = fields[by].Values[0]
		}
	}
	return first
}

// classSelects tells whether pods of a RuntimeClass can be bound to nodes of a build.
func (s *Snapshot) classSelects(name string, build *PolicyBuild) bool {
	class, exists := s.runtimeClasses[name]
	if !exists {
		// A class that is yet to be made selects the build that the policy makes it for. Any other is unknown,
		// and the API server refuses a pod that names one.
		return name == build.RuntimeClass || !isOwnClassName(name, s)
	}
	q := nodeQuery{nodeSelector: labelsOf(class.NodeSelector)}
	return s.fleet.admits(build.Build, &q) != no
}

// isOwnClassName tells whether a policy makes a RuntimeClass of that name.
func isOwnClassName(name string, s *Snapshot) bool {
	for _, p := range s.policies.ordered {
		for i := range p.Builds {
			if p.Builds[i].RuntimeClass == name {
				return true
			}
		}
	}
	return false
}

// classNamesBuild tells whether using a RuntimeClass is naming a build.
func (s *Snapshot) classNamesBuild(name string) bool {
	if class, exists := s.runtimeClasses[name]; exists {
		_, names := class.NodeSelector[corev1.LabelWindowsBuild]
		return names
	}
	return isOwnClassName(name, s)
}

// namesBuild tells whether every alternative of a required affinity names a build.
func namesBuild(required *corev1.NodeSelector) bool {
	for i := range required.NodeSelectorTerms {
		names := slices.ContainsFunc(required.NodeSelectorTerms[i].MatchExpressions,
			func(r corev1.NodeSelectorRequirement) bool {
				return r.Key == corev1.LabelWindowsBuild && r.Operator == corev1.NodeSelectorOpIn
			})
		if !names {
			return false
		}
	}
	return true
}

// asksFor tells whether the pod itself asks for the build, as it must to be placed on a preview.
func asksFor(pins []pin, i int) bool {
	return slices.ContainsFunc(pins, func(p pin) bool { return p.names && p.builds.has(i) })
}

// classQuery is the pod's query once its RuntimeClass's own selectors are merged in, as the API server does.
func (s *Snapshot) classQuery(pod *workload.Pod) nodeQuery {
	q := queryOf(pod)
	if pod.Spec.RuntimeClassName == nil {
		return q
	}
	class, ok := s.runtimeClasses[*pod.Spec.RuntimeClassName]
	if !ok || len(class.NodeSelector) == 0 {
		return q
	}
	q.nodeSelector = append(q.nodeSelector, labelsOf(class.NodeSelector)...)
	return q
}
