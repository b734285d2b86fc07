package drain

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"
)

// budgets are the PodDisruptionBudgets of namespaces, read when they are asked for. It is for one step and one goroutine.
type budgets struct {
	client kubernetes.Interface
	read   map[string][]policyv1.PodDisruptionBudget
}

// explain says which budgets keep a pod, by their numbers. Both results are empty where none is found, or where they
// cannot be read: what the API server has said of the eviction has to do then.
func (b *budgets) explain(ctx context.Context, pod *corev1.Pod) (Reason, string) {
	var selecting []*policyv1.PodDisruptionBudget
	all := b.of(ctx, pod.Namespace)
	for i := range all {
		selector, err := metav1.LabelSelectorAsSelector(all[i].Spec.Selector)
		if err == nil && selector.Matches(labels.Set(pod.Labels)) {
			selecting = append(selecting, &all[i])
		}
	}
	switch len(selecting) {
	case 0:
		return "", ""
	case 1:
		return ReasonBudget, numbers(selecting[0])
	default:
		names := make([]string, len(selecting))
		for i, budget := range selecting {
			names[i] = budget.Name
		}
		slices.Sort(names)
		return ReasonManyBudgets, fmt.Sprintf("the PodDisruptionBudgets %s all select it, and a pod of more than one cannot be evicted; let only one select it",
			strings.Join(names, ", "))
	}
}

func (b *budgets) of(ctx context.Context, namespace string) []policyv1.PodDisruptionBudget {
	all, there := b.read[namespace]
	if !there {
		if list, err := b.client.PolicyV1().PodDisruptionBudgets(namespace).List(ctx, metav1.ListOptions{}); err == nil {
			all = list.Items
		}
		if b.read == nil {
			b.read = map[string][]policyv1.PodDisruptionBudget{}
		}
		b.read[namespace] = all
	}
	return all
}

// numbers says why a budget lets no pod go, and whether waiting may help.
func numbers(budget *policyv1.PodDisruptionBudget) string {
	status := &budget.Status
	if status.ObservedGeneration < budget.Generation {
		return fmt.Sprintf("PodDisruptionBudget %q is new, and its pods have not been counted yet", budget.Name)
	}
	text := fmt.Sprintf("PodDisruptionBudget %q lets no pod go just now: %d of %d pods are healthy, and %d have to be",
		budget.Name, status.CurrentHealthy, status.ExpectedPods, status.DesiredHealthy)
	if status.ExpectedPods > 0 && status.DesiredHealthy >= status.ExpectedPods {
		text += "; it will not yield unless it is changed or pods are added"
	}
	return text
}
