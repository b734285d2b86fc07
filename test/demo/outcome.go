package demo

import (
	"context"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// outcome is what became of a workload, as the cluster shows it.
type outcome struct {
	workload string
	idea     string
	verdict  verdict
	// builds, classes and nodes are those of the pods that are bound, each named once.
	builds, classes, nodes []string
	bound                  int
	// waiting is what the scheduler says about a pod that is not bound.
	waiting string
	// texts are what the author was told.
	texts []string
}

// observe waits until the scheduler has bound the workload's pods and returns what became of it. What is not
// bound within the time of the context is reported as it is.
func (s *stage) observe(ctx context.Context, workload scene, said answer) (outcome, error) {
	o := outcome{workload: workload.Workload, idea: workload.idea(), texts: said.warnings}
	if said.denial != "" {
		o.verdict, o.texts = refused, append([]string{said.denial}, said.warnings...)
		return o, nil
	}
	pods, err := s.boundPods(ctx, workload)
	if err != nil {
		return o, err
	}
	nodes, err := s.client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return o, fmt.Errorf("listing nodes: %w", err)
	}
	buildOf := map[string]string{}
	for i := range nodes.Items {
		buildOf[nodes.Items[i].Name] = nodes.Items[i].Labels[corev1.LabelWindowsBuild]
	}
	builds, classes, names := set{}, set{}, set{}
	for i := range pods {
		pod := &pods[i]
		if pod.Spec.NodeName == "" {
			o.waiting = unschedulable(pod)
			continue
		}
		o.bound++
		names.add(pod.Spec.NodeName)
		builds.add(buildOf[pod.Spec.NodeName])
		if pod.Spec.RuntimeClassName != nil {
			classes.add(*pod.Spec.RuntimeClassName)
		}
	}
	o.builds, o.classes, o.nodes = builds.sorted(), classes.sorted(), names.sorted()
	switch {
	case len(o.texts) > 0:
		o.verdict = warned
	case workload.isAsApplied(pods):
		o.verdict = untouched
	default:
		o.verdict = placed
	}
	return o, nil
}

// isAsApplied tells that nothing which decides about nodes has been changed in any of the pods.
func (s *scene) isAsApplied(pods []corev1.Pod) bool {
	for i := range pods {
		if pods[i].Spec.RuntimeClassName != nil || !maps.Equal(pods[i].Spec.NodeSelector, s.nodeSelector()) {
			return false
		}
	}
	return true
}

func unschedulable(pod *corev1.Pod) string {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodScheduled && condition.Status == corev1.ConditionFalse {
			return condition.Message
		}
	}
	return "the scheduler has not looked at it"
}

// set is names without the empty one.
type set map[string]struct{}

func (s set) add(name string) {
	if name != "" {
		s[name] = struct{}{}
	}
}

func (s set) sorted() []string { return slices.Sorted(maps.Keys(s)) }
