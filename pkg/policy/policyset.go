package policy

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
)

// anchor is a label without which a policy's namespace selector cannot match.
type anchor struct{ key, value string }

// anchorsOf returns labels of which a namespace must have one for the selector to match it, or none where
// the selector asks for no particular value.
func anchorsOf(selector labels.Selector) []anchor {
	requirements, selectable := selector.Requirements()
	if !selectable {
		return nil
	}
	for _, r := range requirements {
		switch r.Operator() {
		case selection.In, selection.Equals, selection.DoubleEquals:
			var anchors []anchor
			for value := range r.Values() {
				anchors = append(anchors, anchor{r.Key(), value})
			}
			return anchors
		}
	}
	return nil
}

// Policies is a set of compiled policies, indexed so that finding the one for a pod costs the same however
// many there are for other namespaces. It is immutable and safe for concurrent use.
type Policies struct {
	ordered []*Policy
	// anchored finds policies by a label of the namespace; the rest are in unanchored. Both keep the order.
	anchored   map[anchor][]*Policy
	unanchored []*Policy
}

// NewPolicies makes a set of compiled policies. Their order does not matter.
func NewPolicies(policies []*Policy) *Policies {
	set := &Policies{ordered: slices.Clone(policies), anchored: map[anchor][]*Policy{}}
	slices.SortFunc(set.ordered, comparePrecedence)
	for _, p := range set.ordered {
		if len(p.anchors) == 0 {
			set.unanchored = append(set.unanchored, p)
		}
		for _, a := range p.anchors {
			set.anchored[a] = append(set.anchored[a], p)
		}
	}
	return set
}

// comparePrecedence orders policies by which wins where several match: the highest priority, then the
// first name.
func comparePrecedence(a, b *Policy) int {
	return cmp.Or(cmp.Compare(b.Priority, a.Priority), cmp.Compare(a.Name, b.Name))
}

// All returns the policies in order of precedence.
func (s *Policies) All() []*Policy { return s.ordered }

// Match returns the policy in force for an object with the labels in a namespace with the labels, or nil.
func (s *Policies) Match(namespace, object labels.Set) *Policy {
	best := firstMatch(s.unanchored, namespace, object)
	for key, value := range namespace {
		p := firstMatch(s.anchored[anchor{key, value}], namespace, object)
		if p != nil && (best == nil || comparePrecedence(p, best) < 0) {
			best = p
		}
	}
	return best
}

func firstMatch(policies []*Policy, namespace, object labels.Set) *Policy {
	for _, p := range policies {
		if p.namespaces.Matches(namespace) && p.objects.Matches(object) {
			return p
		}
	}
	return nil
}
