package clusterstate

import (
	"unique"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Detail is how much of a node a cache holds.
type Detail int

const (
	// ForPlacement is what placement depends on, as a [Tracker] takes it. Nodes cannot be read from such a cache.
	ForPlacement Detail = iota
	// ForHosts is that, and what one goes by who looks after the node's host: annotations, addresses, the kubelet's
	// version, and what the kubelet says of its readiness. Nodes can be read.
	ForHosts
)

// CacheOptions are the options of a cache that a [Tracker] listens to: it holds Windows nodes only, and of
// nodes and namespaces only what decisions depend on. Who reads nodes or namespaces from this cache gets
// the cache's own objects, not copies, and must not change them.
func CacheOptions(nodes Detail) cache.Options {
	return cache.Options{
		DefaultTransform: cache.TransformStripManagedFields(),
		ByObject: map[client.Object]cache.ByObject{
			&corev1.Node{}: {
				Label:                 labels.SelectorFromSet(labels.Set{corev1.LabelOSStable: string(corev1.Windows)}),
				Transform:             nodes.strip,
				UnsafeDisableDeepCopy: ptr.To(true),
			},
			namespaceMetadata(): {
				Transform:             stripNamespace,
				UnsafeDisableDeepCopy: ptr.To(true),
			},
		},
	}
}

// namespaceMetadata stands for namespaces of which only the metadata is read.
func namespaceMetadata() *metav1.PartialObjectMetadata {
	namespace := &metav1.PartialObjectMetadata{}
	namespace.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	return namespace
}

// strip keeps of a node what it is held for. The images and conditions of a node alone are many times that.
func (d Detail) strip(object any) (any, error) {
	whole, ok := object.(*corev1.Node)
	switch {
	case !ok:
		return object, nil
	case d == ForPlacement:
		return newRecord(whole), nil
	default:
		*whole = stripNode(whole)
		return whole, nil
	}
}

// stripNode keeps of a node what placement depends on, and what its host is looked after by.
func stripNode(node *corev1.Node) corev1.Node {
	meta := stripMeta(&node.ObjectMeta)
	meta.Annotations = node.Annotations
	return corev1.Node{
		TypeMeta:   node.TypeMeta,
		ObjectMeta: meta,
		Spec: corev1.NodeSpec{
			Taints:        node.Spec.Taints,
			Unschedulable: node.Spec.Unschedulable,
		},
		Status: corev1.NodeStatus{
			Addresses:  node.Status.Addresses,
			Conditions: readyCondition(node.Status.Conditions),
			NodeInfo: corev1.NodeSystemInfo{
				KernelVersion:  intern(node.Status.NodeInfo.KernelVersion),
				OSImage:        intern(node.Status.NodeInfo.OSImage),
				KubeletVersion: intern(node.Status.NodeInfo.KubeletVersion),
			},
		},
	}
}

// stripNamespace keeps of a namespace its labels.
func stripNamespace(object any) (any, error) {
	if namespace, ok := object.(*metav1.PartialObjectMetadata); ok {
		namespace.ObjectMeta = stripMeta(&namespace.ObjectMeta)
	}
	return object, nil
}

// stripMeta keeps the labels and what identifies the object and its version. Informers compare the version:
// without it they would take every update for a repetition and not pass it on.
func stripMeta(meta *metav1.ObjectMeta) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name:            meta.Name,
		UID:             meta.UID,
		ResourceVersion: meta.ResourceVersion,
		Labels:          internLabels(meta.Labels),
	}
}

// readyCondition keeps the Ready condition, without the times that change with each heartbeat.
func readyCondition(conditions []corev1.NodeCondition) []corev1.NodeCondition {
	for i := range conditions {
		if ready := &conditions[i]; ready.Type == corev1.NodeReady {
			return []corev1.NodeCondition{{
				Type: ready.Type, Status: ready.Status, Reason: ready.Reason, Message: ready.Message,
			}}
		}
	}
	return nil
}

// internLabels copies a map of labels so that equal strings are held in memory once: thousands of nodes
// share nearly all of theirs.
func internLabels(labels map[string]string) map[string]string {
	if labels == nil {
		return nil
	}
	interned := make(map[string]string, len(labels))
	for key, value := range labels {
		interned[intern(key)] = intern(value)
	}
	return interned
}

func intern(s string) string { return unique.Make(s).Value() }
