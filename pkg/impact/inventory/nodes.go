package inventory

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/pkg/impact"
)

// fewOfANode is up to how many controllers and namespaces of some nodes' pods are read one by one: more than a node
// has pods by default, and fewer than a cluster's ReplicaSets, old revisions included, that would be listed instead.
const fewOfANode = 128

// CollectNodes reads the workloads of the pods that would be made again elsewhere if nodes were emptied. Pods count that
// are bound to the nodes, have not ended and are not being deleted; those of DaemonSets, and those that kubelet makes
// from files, live and end with their nodes. Whether a node is known as one for Windows does not matter.
//
// The reader must not be a cache. An error is one of the API server's, with what was read.
func CollectNodes(ctx context.Context, reader client.Reader, nodes []string) ([]*impact.Workload, error) {
	var pods []*corev1.Pod
	visitPage := func(page *corev1.PodList) error {
		for i := range page.Items {
			if pod := &page.Items[i]; moves(pod) {
				pods = append(pods, pod)
			}
		}
		return nil
	}
	for _, node := range nodes {
		bound := selecting(fields.OneTermEqualSelector("spec.nodeName", node))
		if err := eachPage(ctx, reader, newPodList, visitPage, bound); err != nil {
			return nil, fmt.Errorf("listing the pods of node %s: %w", node, err)
		}
	}
	namespaces, err := namespacesOf(ctx, reader, pods)
	if err != nil {
		return nil, err
	}
	c := newCollection(namespaces, 0)
	for _, pod := range pods {
		if err := c.add(pod); err != nil {
			return nil, err
		}
	}
	return c.workloads(ctx, reader, fewOfANode)
}

// moves tells whether a pod would be made again on another node if it had to leave its own, as far as it alone can tell.
func moves(pod *corev1.Pod) bool {
	if pod.DeletionTimestamp != nil {
		return false
	}
	owner := metav1.GetControllerOf(pod)
	return owner == nil || owner.Kind != impact.KindDaemonSet
}

// namespacesOf reads the labels of the pods' namespaces.
func namespacesOf(ctx context.Context, reader client.Reader, pods []*corev1.Pod) (map[string]map[string]string, error) {
	labels := map[string]map[string]string{}
	for _, pod := range pods {
		labels[pod.Namespace] = nil
	}
	if len(labels) > fewOfANode {
		all, err := namespaceLabels(ctx, reader)
		if err != nil {
			return nil, fmt.Errorf("listing namespaces: %w", err)
		}
		return all, nil
	}
	for name := range labels {
		namespace := &metav1.PartialObjectMetadata{}
		namespace.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
		if err := reader.Get(ctx, client.ObjectKey{Name: name}, namespace); client.IgnoreNotFound(err) != nil {
			return nil, fmt.Errorf("reading namespace %s: %w", name, err)
		}
		labels[name] = namespace.Labels
	}
	return labels, nil
}
