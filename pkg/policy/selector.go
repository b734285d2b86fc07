package policy

import (
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/pkg/workload"
)

// nodeQuery is everything in a pod's specification that selects nodes by name or label.
type nodeQuery struct {
	nodeName string
	// nodeSelector is a list rather than a map, because it is gone through for every class of nodes.
	nodeSelector []Label
	// required is the pod's required node affinity; nil where it has none.
	required *corev1.NodeSelector
}

func queryOf(pod *workload.Pod) nodeQuery {
	q := nodeQuery{nodeName: pod.Spec.NodeName, nodeSelector: labelsOf(pod.Spec.NodeSelector)}
	if a := pod.Spec.Affinity; a != nil && a.NodeAffinity != nil {
		q.required = a.NodeAffinity.Required
	}
	return q
}

// labelsOf lists labels in no particular order.
func labelsOf(labels map[string]string) []Label {
	if len(labels) == 0 {
		return nil
	}
	list := make([]Label, 0, len(labels))
	for key, value := range labels {
		list = append(list, Label{key, value})
	}
	return list
}

// nodeView is what is known about one node, or about several that share it.
type nodeView struct {
	labels map[string]string
	// node is the one node that is viewed, whose labels are there too; nil where it is several.
	node *CompactNode
	// open tells that there may be labels beside those listed, except the one in without.
	open    bool
	without string
	// varying lists labels that are there with a value that differs from node to node.
	varying map[string]struct{}
	// named answers whether the node may have the name.
	named func(name string) ternary
}

// lookup returns a label's value and whether the node has the label at all. The value of a label that
// varies is not known, so neither is any answer about it.
func (v *nodeView) lookup(key string) (string, ternary) {
	if value, ok := v.labels[key]; ok {
		return value, yes
	}
	if v.node != nil {
		if value, ok := v.node.label(key); ok {
			return value, yes
		}
	}
	if _, varies := v.varying[key]; varies || v.open && key != v.without {
		return "", unknown
	}
	return "", no
}

// matches tells whether the scheduler may bind the pod to the viewed node, going by names and labels.
//
// Source: https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/: the node selector and
// the affinity must both hold, terms are alternatives, the requirements of a term must all hold, and a term
// without requirements matches nothing.
func (q *nodeQuery) matches(view *nodeView) ternary {
	result := yes
	if q.nodeName != "" {
		result = view.named(q.nodeName)
	}
	for _, want := range q.nodeSelector {
		value, there := view.lookup(want.Key)
		if there == yes {
			there = answer(value == want.Value)
		}
		if result = and(result, there); result == no {
			return no
		}
	}
	if q.required == nil {
		return result
	}
	some := no
	for i := range q.required.NodeSelectorTerms {
		if some = or(some, matchesTerm(&q.required.NodeSelectorTerms[i], view)); some == yes {
			break
		}
	}
	return and(result, some)
}

func matchesTerm(term *corev1.NodeSelectorTerm, view *nodeView) ternary {
	if len(term.MatchExpressions) == 0 && len(term.MatchFields) == 0 {
		return no
	}
	result := yes
	for i := range term.MatchExpressions {
		if result = and(result, matchesLabel(&term.MatchExpressions[i], view)); result == no {
			return no
		}
	}
	for i := range term.MatchFields {
		if result = and(result, matchesField(&term.MatchFields[i], view)); result == no {
			return no
		}
	}
	return result
}

func matchesLabel(r *corev1.NodeSelectorRequirement, view *nodeView) ternary {
	value, there := view.lookup(r.Key)
	switch r.Operator {
	case corev1.NodeSelectorOpExists:
		return there
	case corev1.NodeSelectorOpDoesNotExist:
		return not(there)
	case corev1.NodeSelectorOpIn:
		return and(there, known(there, slices.Contains(r.Values, value)))
	case corev1.NodeSelectorOpNotIn:
		return not(and(there, known(there, slices.Contains(r.Values, value))))
	case corev1.NodeSelectorOpGt:
		return and(there, known(there, compareNumbers(value, r.Values) > 0))
	case corev1.NodeSelectorOpLt:
		return and(there, known(there, compareNumbers(value, r.Values) < 0))
	default:
		return no
	}
}

// known is an answer about a label's value, where the value is known.
func known(there ternary, holds bool) ternary {
	if there == unknown {
		return unknown
	}
	return answer(holds)
}

// compareNumbers compares a label's value with the one number of a Gt or Lt requirement: zero where they
// are equal or where either is no number, so that neither operator holds.
func compareNumbers(value string, want []string) int {
	if len(want) != 1 {
		return 0
	}
	have, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return 0
	}
	bound, err := strconv.ParseInt(want[0], 10, 64)
	if err != nil {
		return 0
	}
	switch {
	case have > bound:
		return 1
	case have < bound:
		return -1
	default:
		return 0
	}
}

// matchesField evaluates the one field that nodes can be selected by, their name. DaemonSet pods are bound
// to their nodes this way.
func matchesField(r *corev1.NodeSelectorRequirement, view *nodeView) ternary {
	if r.Key != "metadata.name" {
		return no
	}
	some := no
	for _, name := range r.Values {
		some = or(some, view.named(name))
	}
	switch r.Operator {
	case corev1.NodeSelectorOpIn:
		return some
	case corev1.NodeSelectorOpNotIn:
		return not(some)
	default:
		return no
	}
}
