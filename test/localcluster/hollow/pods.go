package hollow

import (
	"context"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/test/localcluster/hollow/pods"
)

// syncPod does for a pod what kubelet would, while the pod's node is alive.
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
	keeper := pods.Keeper{Client: f.client, Run: f.options.RunPods}
	return keeper.Sync(ctx, pod, pods.Node{Name: node.spec.Name, OS: node.spec.os(), Address: node.address})
}
