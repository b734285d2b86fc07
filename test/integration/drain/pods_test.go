package drain_test

import (
	"context"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"

	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/localcluster/hollow"
)

// poolLabel tells the nodes of a test from those of others.
const poolLabel = "pool"

// addNode adds a Windows node to a pool until the test ends.
func addNode(t *testing.T, name, pool string) *hollow.Node {
	t.Helper()
	nodes, err := shared.Cluster.Nodes.Add(t.Context(), hollow.NodeSpec{Name: name, Build: ws2022, Labels: map[string]string{poolLabel: pool}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := nodes[0].Remove(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if err := shared.Cluster.Nodes.WaitSchedulable(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	return nodes[0]
}

// inPool is a Windows pod for the nodes of a pool.
func inPool(pool string) corev1.PodSpec {
	spec := framework.Windows(shared.Image("windows/servercore:ltsc2022"))
	spec.NodeSelector = map[string]string{poolLabel: pool}
	return spec
}

// deploy makes a Deployment and waits until its pods run.
func deploy(scene *framework.Scene, name string, replicas int32, spec corev1.PodSpec) {
	scene.T.Helper()
	scene.Deploy(name, replicas, spec)
	waitForRunning(scene, name, int(replicas))
}

// waitForRunning waits until exactly so many pods of a Deployment are there, and run, and returns their nodes.
func waitForRunning(scene *framework.Scene, name string, replicas int) (nodes []string) {
	scene.T.Helper()
	scene.Eventually("the pods of "+name+" run", func(ctx context.Context) (bool, error) {
		pods, err := scene.Kube.CoreV1().Pods(scene.Namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=" + name})
		if err != nil {
			return false, err
		}
		nodes = nil
		for i := range pods.Items {
			if pod := &pods.Items[i]; pod.Status.Phase == corev1.PodRunning && pod.DeletionTimestamp == nil {
				nodes = append(nodes, pod.Spec.NodeName)
			}
		}
		return len(nodes) == replicas && len(pods.Items) == replicas, fmt.Errorf("%d of %d pods run", len(nodes), len(pods.Items))
	})
	return nodes
}

// protect makes a PodDisruptionBudget for a Deployment's pods, and waits until those that it wants have been counted.
func protect(scene *framework.Scene, name, deployment string, available int) {
	scene.T.Helper()
	budgets := scene.Kube.PolicyV1().PodDisruptionBudgets(scene.Namespace)
	_, err := budgets.Create(scene.T.Context(), &policyv1.PodDisruptionBudget{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: policyv1.PodDisruptionBudgetSpec{
			MinAvailable: ptr.To(intstr.FromInt(available)), Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": deployment}},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		scene.T.Fatal(err)
	}
	scene.Eventually("the budget has been counted", func(ctx context.Context) (bool, error) {
		budget, err := budgets.Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		status := &budget.Status
		counted := status.ObservedGeneration == budget.Generation && status.CurrentHealthy >= max(1, int32(available))
		return counted, fmt.Errorf("its status is %+v", status)
	})
}

// onlyPod is the one pod of a Deployment.
func onlyPod(ctx context.Context, scene *framework.Scene, deployment string) (*corev1.Pod, error) {
	pods, err := scene.Kube.CoreV1().Pods(scene.Namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=" + deployment})
	if err != nil {
		return nil, err
	}
	if len(pods.Items) != 1 {
		return nil, fmt.Errorf("there are %d pods", len(pods.Items))
	}
	return &pods.Items[0], nil
}
