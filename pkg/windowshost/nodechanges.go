package windowshost

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/nodeconfig/cni"
)

// nodeChanges lets through what is different about a node for its host. A kubelet writes its status all the time.
func nodeChanges() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, ok := e.ObjectOld.(*corev1.Node)
		after, also := e.ObjectNew.(*corev1.Node)
		return !ok || !also || nodeChanged(before, after)
	}}
}

func nodeChanged(before, after *corev1.Node) bool {
	return readiness(before).Status != readiness(after).Status ||
		before.Status.NodeInfo.KubeletVersion != after.Status.NodeInfo.KubeletVersion ||
		before.Spec.Unschedulable != after.Spec.Unschedulable ||
		!maps.Equal(before.Labels, after.Labels) ||
		!sameTaints(before.Spec.Taints, after.Spec.Taints) ||
		slices.ContainsFunc(watchedAnnotations(), func(name string) bool {
			was, had := before.Annotations[name]
			is, has := after.Annotations[name]
			return was != is || had != has
		})
}

// watchedAnnotations are those that ask for something, say what a host has been waiting for, or are ours to keep.
func watchedAnnotations() []string {
	return []string{
		v1alpha1.AnnotationHost, v1alpha1.AnnotationRebootRequired, v1alpha1.AnnotationCordonedBy,
		v1alpha1.AnnotationNodeLabels, v1alpha1.AnnotationNodeTaints, v1alpha1.AnnotationSourceVIP,
		cni.OVNSubnetAnnotation,
	}
}
