package runtimeclass

import (
	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
)

// Reasons of events about RuntimeClasses.
const (
	// reasonUpdated: the class was changed, because somebody else had changed it, or the nodes did.
	reasonUpdated = "Updated"
	// reasonInUse: the class would be deleted or replaced, and pods use it.
	reasonInUse = "InUse"
)

// tell records an event about a class. Repetitions of the same are counted, not recorded again.
func (r *Reconciler) tell(class *nodev1.RuntimeClass, reason, note string) {
	r.Events.Eventf(class, nil, corev1.EventTypeNormal, reason, "Reconcile", "%s", note)
}
