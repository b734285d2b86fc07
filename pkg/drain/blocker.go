package drain

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// Reason is why a pod stays on a node that is drained: one of a few, fit for the label of a metric.
type Reason string

const (
	// ReasonBudget: a PodDisruptionBudget does not let the pod go just now.
	ReasonBudget Reason = "DisruptionBudget"
	// ReasonManyBudgets: several PodDisruptionBudgets select the pod, and such a pod cannot be evicted.
	ReasonManyBudgets Reason = "ManyDisruptionBudgets"
	// ReasonUnmanaged: nothing would make the pod again.
	ReasonUnmanaged Reason = "Unmanaged"
	// ReasonLocalStorage: the pod has an emptyDir volume, which would be lost.
	ReasonLocalStorage Reason = "LocalStorage"
	// ReasonFinalizer: the pod was deleted, its grace period is over, and a finalizer keeps it.
	ReasonFinalizer Reason = "Finalizer"
	// ReasonOverdue: the pod was deleted, and kubelet has not ended it although its grace period is over.
	ReasonOverdue Reason = "Overdue"
	// ReasonRefused: the API server has refused the eviction for another reason.
	ReasonRefused Reason = "Refused"
)

// Blocker is a pod that stays, and why.
type Blocker struct {
	Namespace, Pod string
	Reason         Reason
	// Message says what keeps the pod, in a clause without a full stop. It is the same from one step to the next
	// while nothing changes, so that it may be shown in a status.
	Message string
}

// String is the blocker for a person, such as "pod shop/web-0 stays: …".
func (b *Blocker) String() string {
	return "pod " + b.Namespace + "/" + b.Pod + " stays: " + b.Message
}

func blocked(pod *corev1.Pod, reason Reason, message string) Blocker {
	return Blocker{Namespace: pod.Namespace, Pod: pod.Name, Reason: reason, Message: message}
}

func sortBlockers(all []Blocker) {
	slices.SortFunc(all, func(a, b Blocker) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Pod, b.Pod))
	})
}
