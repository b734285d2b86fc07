package runtimeclass

import (
	"cmp"
	"math"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// tolerations are those that a policy grants to every pod on a build, sorted, each once: what its nodes'
// taints for Windows pods need, unless the policy names tolerations itself; what the nodes to come need,
// where they are made on demand; and what the policy lists.
func tolerations(spec *v1alpha1.WindowsBuildPolicySpec, build *policy.PolicyBuild, fleet *policy.Fleet) []corev1.Toleration {
	var granted []corev1.Toleration
	if spec.Tolerations.Source != v1alpha1.TolerationsExplicit {
		granted = append(granted, fleet.OSTolerations(build.Build)...)
	}
	granted = append(granted, build.OnDemandTolerations()...)
	granted = append(granted, spec.Tolerations.Items...)
	for i := range granted {
		granted[i] = normal(granted[i])
	}
	slices.SortFunc(granted, func(a, b corev1.Toleration) int { return compare(&a, &b) })
	return slices.CompactFunc(granted, same)
}

// common are the tolerations in both. A class that several policies share must not carry more: a pod of one
// would be let onto nodes that another policy's pods have for themselves. What a policy grants beyond that,
// the webhook puts on the pod.
func common(a, b []corev1.Toleration) []corev1.Toleration {
	return slices.DeleteFunc(slices.Clone(a), func(t corev1.Toleration) bool {
		return !slices.ContainsFunc(b, func(other corev1.Toleration) bool { return same(t, other) })
	})
}

func compare(a, b *corev1.Toleration) int {
	return cmp.Or(
		cmp.Compare(a.Key, b.Key),
		cmp.Compare(a.Operator, b.Operator),
		cmp.Compare(a.Value, b.Value),
		cmp.Compare(a.Effect, b.Effect),
		cmp.Compare(seconds(a), seconds(b)),
	)
}

// seconds orders tolerations that hold for ever behind those with a limit.
func seconds(t *corev1.Toleration) int64 {
	if t.TolerationSeconds == nil {
		return math.MaxInt64
	}
	return *t.TolerationSeconds
}

func same(a, b corev1.Toleration) bool { return apiequality.Semantic.DeepEqual(a, b) }

// normal writes out the default operator.
func normal(t corev1.Toleration) corev1.Toleration {
	if t.Operator == "" {
		t.Operator = corev1.TolerationOpEqual
	}
	return t
}
