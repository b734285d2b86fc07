package drain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubectldrain "k8s.io/kubectl/pkg/drain"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

const (
	// pageSize is how many pods are listed with one request.
	pageSize = 500
	// overdueAfter is how long after a pod's grace period kubelet is given to report its end. Nothing is wrong with
	// a kubelet that is slower than that, but somebody should know.
	overdueAfter = 30 * time.Second
)

// survey is what has to leave a node.
type survey struct {
	// evictable are the pods that may be asked to go.
	evictable []corev1.Pod
	// leaving is the number of pods that were asked before.
	leaving int
	// blocked are the pods that are not asked, or were asked and do not go.
	blocked []Blocker
}

// survey reads the pods of a node. An error is one of the API server's.
func (d *Drainer) survey(ctx context.Context, node string, o *Options) (*survey, error) {
	s := &survey{}
	now := d.clock.Now()
	helper := &kubectldrain.Helper{
		Ctx:                 ctx,
		Client:              d.client,
		IgnoreAllDaemonSets: true,
		ChunkSize:           pageSize,
		Out:                 io.Discard,
		ErrOut:              io.Discard,
		// With these two kubectl's filters leave what they are about to the one that follows them, which knows not
		// only that a pod has to stay but can say which one and why.
		Force:              true,
		DeleteEmptyDirData: true,
		AdditionalFilters: []kubectldrain.PodFilter{func(pod corev1.Pod) kubectldrain.PodDeleteStatus {
			if s.stays(&pod, o, now) {
				return kubectldrain.MakePodDeleteStatusSkip()
			}
			return kubectldrain.MakePodDeleteStatusOkay()
		}},
	}
	list, errs := helper.GetPodsForDeletion(node)
	if len(errs) > 0 {
		return nil, fmt.Errorf("finding the pods to move off node %s: %w", node, errors.Join(errs...))
	}
	s.evictable = list.Pods()
	return s, nil
}

// stays takes up a pod that is not to be evicted, and tells whether it is one.
func (s *survey) stays(pod *corev1.Pod, o *Options, now time.Time) bool {
	switch {
	case pod.DeletionTimestamp != nil:
		if blocker, overdue := overduePod(pod, now); overdue {
			s.blocked = append(s.blocked, blocker)
		} else {
			s.leaving++
		}
	case ended(pod):
		return false
	case o.UnmanagedPods != v1alpha1.UnmanagedPodsDelete && unmanaged(pod) != "":
		s.blocked = append(s.blocked, blocked(pod, ReasonUnmanaged,
			unmanaged(pod)+"; delete it, or let the policy's rollout.drain.unmanagedPods be Delete"))
	case !o.DeleteEmptyDirData && emptyDir(pod) != "":
		s.blocked = append(s.blocked, blocked(pod, ReasonLocalStorage, fmt.Sprintf(
			"its emptyDir volume %q would be lost; delete the pod, or let the policy's rollout.drain.deleteEmptyDirData be true", emptyDir(pod))))
	default:
		return false
	}
	return true
}

func ended(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

// unmanaged says why nothing makes a pod again, and is empty where something does.
func unmanaged(pod *corev1.Pod) string {
	owner := metav1.GetControllerOf(pod)
	switch {
	case owner == nil:
		return "it has no controller, so nothing makes it again"
	case owner.Kind == "DaemonSet":
		// The filters before have kept the pods of those that exist.
		return "its DaemonSet " + strconv.Quote(owner.Name) + " is gone, so nothing makes it again"
	default:
		return ""
	}
}

// emptyDir is the name of a pod's first emptyDir volume.
func emptyDir(pod *corev1.Pod) string {
	for i := range pod.Spec.Volumes {
		if pod.Spec.Volumes[i].EmptyDir != nil {
			return pod.Spec.Volumes[i].Name
		}
	}
	return ""
}

// overduePod says what keeps a deleted pod whose grace period, which ends at the deletion timestamp, is over.
func overduePod(pod *corev1.Pod, now time.Time) (Blocker, bool) {
	if now.Before(pod.DeletionTimestamp.Add(overdueAfter)) {
		return Blocker{}, false
	}
	at := pod.DeletionTimestamp.UTC().Format(time.RFC3339)
	if len(pod.Finalizers) > 0 {
		return blocked(pod, ReasonFinalizer, fmt.Sprintf("its grace period ended at %s, and it is kept by the finalizer %s",
			at, strings.Join(pod.Finalizers, ", "))), true
	}
	return blocked(pod, ReasonOverdue, fmt.Sprintf("its grace period ended at %s, and kubelet has not reported its end", at)), true
}
