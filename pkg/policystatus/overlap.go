package policystatus

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// overlap tells whether there can be a pod that both policies select: whether some labels of a namespace
// satisfy both namespace selectors, and some labels of a pod both object selectors. That is exact about
// selectors. It does not ask whether the cluster has such a namespace or pod just now.
func overlap(a, b *v1alpha1.WindowsBuildPolicySpec) (bool, error) {
	for _, pair := range [][2]*metav1.LabelSelector{
		{a.NamespaceSelector, b.NamespaceSelector},
		{a.ObjectSelector, b.ObjectSelector},
	} {
		together, err := requirements(pair[0], pair[1])
		if err != nil {
			return false, err
		}
		if !satisfiable(together) {
			return false, nil
		}
	}
	return true, nil
}

// requirements are those of all selectors together. No selector has none.
func requirements(selectors ...*metav1.LabelSelector) (labels.Requirements, error) {
	var all labels.Requirements
	for _, selector := range selectors {
		if selector == nil {
			continue
		}
		compiled, err := metav1.LabelSelectorAsSelector(selector)
		if err != nil {
			return nil, err
		}
		own, _ := compiled.Requirements()
		all = append(all, own...)
	}
	return all, nil
}

// satisfiable tells whether some labels meet all requirements. Requirements about different labels cannot
// contradict each other, so each label is looked at by itself.
func satisfiable(all labels.Requirements) bool {
	demands := map[string]*demand{}
	for i := range all {
		key := all[i].Key()
		if demands[key] == nil {
			demands[key] = &demand{}
		}
		demands[key].add(&all[i])
	}
	for _, d := range demands {
		if !d.satisfiable() {
			return false
		}
	}
	return true
}

// demand is everything that is required of one label.
type demand struct {
	present, absent bool
	// allowed are the only values that the label may have; nil allows all.
	allowed   sets.Set[string]
	forbidden sets.Set[string]
}

func (d *demand) add(r *labels.Requirement) {
	values := sets.New(r.Values().UnsortedList()...)
	switch r.Operator() {
	case selection.In, selection.Equals, selection.DoubleEquals:
		d.present = true
		if d.allowed != nil {
			values = d.allowed.Intersection(values)
		}
		d.allowed = values
	case selection.NotIn, selection.NotEquals:
		d.forbidden = d.forbidden.Union(values)
	case selection.Exists:
		d.present = true
	case selection.DoesNotExist:
		d.absent = true
	}
}

// satisfiable: a label that is absent has no forbidden value, and there are more values than can be forbidden.
func (d *demand) satisfiable() bool {
	if d.present && d.absent {
		return false
	}
	return d.allowed == nil || d.allowed.Difference(d.forbidden).Len() > 0
}
