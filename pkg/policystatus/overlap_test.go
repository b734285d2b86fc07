package policystatus

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func selector(expressions ...metav1.LabelSelectorRequirement) *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchExpressions: expressions}
}

func in(key string, values ...string) metav1.LabelSelectorRequirement {
	return metav1.LabelSelectorRequirement{Key: key, Operator: metav1.LabelSelectorOpIn, Values: values}
}

func notIn(key string, values ...string) metav1.LabelSelectorRequirement {
	return metav1.LabelSelectorRequirement{Key: key, Operator: metav1.LabelSelectorOpNotIn, Values: values}
}

func exists(key string) metav1.LabelSelectorRequirement {
	return metav1.LabelSelectorRequirement{Key: key, Operator: metav1.LabelSelectorOpExists}
}

func absent(key string) metav1.LabelSelectorRequirement {
	return metav1.LabelSelectorRequirement{Key: key, Operator: metav1.LabelSelectorOpDoesNotExist}
}

func TestPoliciesOverlapWhereOnePodCanBeSelectedByBoth(t *testing.T) {
	for name, test := range map[string]struct {
		a, b *metav1.LabelSelector
		want bool
	}{
		"no selector and no selector":                         {nil, nil, true},
		"no selector and any other":                           {nil, selector(in("team", "a")), true},
		"an empty selector and any other":                     {selector(), selector(in("team", "a")), true},
		"equal selectors":                                     {selector(in("team", "a")), selector(in("team", "a")), true},
		"a common value":                                      {selector(in("team", "a", "b")), selector(in("team", "b", "c")), true},
		"no common value":                                     {selector(in("team", "a")), selector(in("team", "b")), false},
		"different labels":                                    {selector(in("team", "a")), selector(in("tier", "b")), true},
		"a value and its exclusion":                           {selector(in("team", "a")), selector(notIn("team", "a")), false},
		"values of which some are excluded":                   {selector(in("team", "a", "b")), selector(notIn("team", "a")), true},
		"values that are all excluded":                        {selector(in("team", "a", "b")), selector(notIn("team", "a"), notIn("team", "b")), false},
		"two exclusions, since there are other values":        {selector(notIn("team", "a")), selector(notIn("team", "b")), true},
		"a label and its absence":                             {selector(exists("team")), selector(absent("team")), false},
		"a value and the label's absence":                     {selector(in("team", "a")), selector(absent("team")), false},
		"an exclusion and the label's absence":                {selector(notIn("team", "a")), selector(absent("team")), true},
		"a label and the exclusion of one value":              {selector(exists("team")), selector(notIn("team", "a")), true},
		"a contradiction within one, which selects nothing":   {selector(in("team", "a"), in("team", "b")), nil, false},
		"match labels count like expressions":                 {&metav1.LabelSelector{MatchLabels: map[string]string{"team": "a"}}, selector(in("team", "b")), false},
		"contradicting in one label, agreeing in another one": {selector(in("team", "a"), in("tier", "x")), selector(in("team", "a"), in("tier", "y")), false},
	} {
		t.Run(name, func(t *testing.T) {
			for where, pair := range map[string][2]v1alpha1.WindowsBuildPolicySpec{
				"namespaces": {{NamespaceSelector: test.a}, {NamespaceSelector: test.b}},
				"objects":    {{ObjectSelector: test.a}, {ObjectSelector: test.b}},
			} {
				for order, specs := range map[string][2]*v1alpha1.WindowsBuildPolicySpec{
					"one way": {&pair[0], &pair[1]}, "the other way": {&pair[1], &pair[0]},
				} {
					got, err := overlap(specs[0], specs[1])
					if err != nil {
						t.Fatal(err)
					}
					if got != test.want {
						t.Errorf("%s, %s: got %v, want %v", where, order, got, test.want)
					}
				}
			}
		})
	}
}

func TestAnInvalidSelectorIsAnError(t *testing.T) {
	invalid := v1alpha1.WindowsBuildPolicySpec{ObjectSelector: selector(in("not a label", "a"))}
	if _, err := overlap(&invalid, &v1alpha1.WindowsBuildPolicySpec{}); err == nil {
		t.Error("no error")
	}
}
