package hollow

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
)

// syncPod does for a pod what kubelet would: it ends one that is being deleted, refuses one that cannot run
// on its node, and otherwise runs it.
func (f *Fleet) syncPod(ctx context.Context, namespace, name string) error {
	object, found, err := f.pods.GetStore().GetByKey(namespace + "/" + name)
	if err != nil || !found {
		return err
	}
	pod := object.(*corev1.Pod)
	node := f.Node(pod.Spec.NodeName)
	if node == nil || !node.alive() {
		return nil // Resume looks again.
	}
	switch {
	case pod.DeletionTimestamp != nil:
		return f.finishDeletion(ctx, pod)
	case pod.Status.Phase != corev1.PodPending:
		return nil
	case pod.Spec.OS != nil && pod.Spec.OS.Name != node.spec.os():
		return f.patchStatus(ctx, pod, corev1.PodStatus{
			Phase:   corev1.PodFailed,
			Reason:  "PodOSNotSupported",
			Message: fmt.Sprintf("Pod was rejected: it is for %s, and node %s runs %s", pod.Spec.OS.Name, node.spec.Name, node.spec.os()),
		})
	case f.options.RunPods:
		return f.patchStatus(ctx, pod, running(pod, node, time.Now()))
	default:
		return nil
	}
}

// finishDeletion removes the object, which the API server keeps until the pod's node says that nothing runs.
func (f *Fleet) finishDeletion(ctx context.Context, pod *corev1.Pod) error {
	return ignoreNotFound(f.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{
		GracePeriodSeconds: ptr.To[int64](0),
		Preconditions:      &metav1.Preconditions{UID: &pod.UID},
	}))
}

func (f *Fleet) patchStatus(ctx context.Context, pod *corev1.Pod, status corev1.PodStatus) error {
	patch, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"uid": pod.UID}, // Not a successor of the same name.
		"status":   status,
	})
	if err != nil {
		return fmt.Errorf("encoding the status of a pod: %w", err)
	}
	_, err = f.client.CoreV1().Pods(pod.Namespace).
		Patch(ctx, pod.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
	return ignoreNotFound(err)
}

// running is the status of a pod whose containers have all started.
func running(pod *corev1.Pod, node *Node, now time.Time) corev1.PodStatus {
	at := metav1.NewTime(now)
	status := corev1.PodStatus{
		Phase:     corev1.PodRunning,
		HostIP:    node.address,
		HostIPs:   []corev1.HostIP{{IP: node.address}},
		StartTime: &at,
	}
	for _, t := range []corev1.PodConditionType{
		corev1.PodReadyToStartContainers, corev1.PodInitialized, corev1.ContainersReady, corev1.PodReady,
	} {
		status.Conditions = append(status.Conditions, corev1.PodCondition{Type: t, Status: corev1.ConditionTrue, LastTransitionTime: at})
	}
	for _, c := range pod.Spec.InitContainers {
		state := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "Completed", StartedAt: at, FinishedAt: at}}
		if c.RestartPolicy != nil { // A sidecar.
			state = corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: at}}
		}
		status.InitContainerStatuses = append(status.InitContainerStatuses, containerStatus(c, state))
	}
	for _, c := range pod.Spec.Containers {
		state := corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: at}}
		status.ContainerStatuses = append(status.ContainerStatuses, containerStatus(c, state))
	}
	return status
}

func containerStatus(c corev1.Container, state corev1.ContainerState) corev1.ContainerStatus {
	return corev1.ContainerStatus{
		Name: c.Name, Image: c.Image, ImageID: c.Image, Ready: true, Started: ptr.To(true), State: state,
	}
}
