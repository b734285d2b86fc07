package pods

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/utils/ptr"
)

// Node is where pods are bound to.
type Node struct {
	Name    string
	OS      corev1.OSName
	Address string
}

// Keeper looks after pods. It keeps nothing, and may be used concurrently.
type Keeper struct {
	Client kubernetes.Interface
	// Run reports pods as running; without it they stay pending.
	Run bool
}

// Sync does what is next for a pod that is bound to the node. A pod that is gone meanwhile is no error.
func (k Keeper) Sync(ctx context.Context, pod *corev1.Pod, node Node) error {
	switch {
	case pod.DeletionTimestamp != nil:
		return k.finishDeletion(ctx, pod)
	case pod.Status.Phase != corev1.PodPending:
		return nil
	case pod.Spec.OS != nil && pod.Spec.OS.Name != node.OS:
		return k.patchStatus(ctx, pod, corev1.PodStatus{
			Phase:   corev1.PodFailed,
			Reason:  "PodOSNotSupported",
			Message: fmt.Sprintf("Pod was rejected: it is for %s, and node %s runs %s", pod.Spec.OS.Name, node.Name, node.OS),
		})
	case k.Run:
		return k.patchStatus(ctx, pod, running(pod, node, time.Now()))
	default:
		return nil
	}
}

// finishDeletion removes the object, which the API server keeps until the pod's node says that nothing runs.
func (k Keeper) finishDeletion(ctx context.Context, pod *corev1.Pod) error {
	return ignoreNotFound(k.Client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{
		GracePeriodSeconds: ptr.To[int64](0),
		Preconditions:      &metav1.Preconditions{UID: &pod.UID},
	}))
}

func (k Keeper) patchStatus(ctx context.Context, pod *corev1.Pod, status corev1.PodStatus) error {
	patch, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"uid": pod.UID}, // Not a successor of the same name.
		"status":   status,
	})
	if err != nil {
		return fmt.Errorf("encoding the status of a pod: %w", err)
	}
	_, err = k.Client.CoreV1().Pods(pod.Namespace).
		Patch(ctx, pod.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
	return ignoreNotFound(err)
}

// ignoreNotFound takes a pod that is gone for one that needs nothing. So is one that was replaced by another of its name.
func ignoreNotFound(err error) error {
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return err
}
