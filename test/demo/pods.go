package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// schedulingTime is how long the scheduler may take, which binds a pod within milliseconds on an idle machine.
const schedulingTime = 20 * time.Second

// boundPods returns the pods of a workload as soon as there are as many as expected and all are bound, or as
// they are after some time.
func (s *stage) boundPods(ctx context.Context, workload scene) ([]corev1.Pod, error) {
	waiting, cancel := context.WithTimeout(ctx, schedulingTime)
	defer cancel()
	var pods []corev1.Pod
	err := s.until(waiting, "the pods of "+workload.Workload+" are bound", func(context.Context) (bool, error) {
		var err error
		if pods, err = s.podsOf(ctx, workload); err != nil {
			return false, err
		}
		bound := 0
		for i := range pods {
			if pods[i].Spec.NodeName != "" {
				bound++
			}
		}
		return bound == len(pods) && bound == workload.pods(), nil
	})
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return nil, err
	}
	return pods, nil
}

func (s *stage) podsOf(ctx context.Context, workload scene) ([]corev1.Pod, error) {
	options := metav1.ListOptions{FieldSelector: "metadata.name=" + workload.Workload}
	if workload.object.GetKind() != "Pod" {
		options = metav1.ListOptions{LabelSelector: labels.Set{"app": workload.Workload}.String()}
	}
	pods, err := s.client.CoreV1().Pods(namespace).List(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("listing the pods of %s: %w", workload.Workload, err)
	}
	return pods.Items, nil
}
