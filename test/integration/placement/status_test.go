package placement_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/localcluster/hollow"
)

func TestTheStatusOfAPolicyCountsNodes(t *testing.T) {
	scene := shared.NewScene(t)
	policy := scene.GivenBuilds(ws2025, "10.0.25398")
	expectSummary(scene, policy.Name, ws2025+" (1/1), 10.0.25398 (0/0)")
	scene.ExpectCondition(policy.Name, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonInForce)
	scene.ExpectCondition(policy.Name, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonCompiled)

	nodes, err := shared.Cluster.Nodes.Add(t.Context(), hollow.NodeSpec{Name: "annual-1", Build: "10.0.25398"}, hollow.NodeSpec{Name: "annual-2", Build: "10.0.25398"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, node := range nodes {
			if err := node.Remove(context.Background()); err != nil {
				t.Error(err)
			}
		}
	})
	expectSummary(scene, policy.Name, ws2025+" (1/1), 10.0.25398 (2/2)")
	nodes[0].SetReady(false)
	expectSummary(scene, policy.Name, ws2025+" (1/1), 10.0.25398 (1/2)")
	cordon(t, nodes[1].Name())
	expectSummary(scene, policy.Name, ws2025+" (1/1), 10.0.25398 (0/2)")
	scene.ExpectStatus(policy.Name, func(status *v1alpha1.WindowsBuildPolicyStatus) error {
		want := []v1alpha1.BuildStatus{
			{Build: ws2025, Release: "Windows Server 2025", Nodes: 1, ReadyNodes: 1, RuntimeClass: "windows-" + ws2025},
			{Build: "10.0.25398", Release: "Windows Server, version 23H2", Nodes: 2, RuntimeClass: "windows-10.0.25398"},
		}
		for i := range status.Builds {
			if len(status.Builds[i].ImageBuilds) == 0 {
				return fmt.Errorf("build %s lists no images that run there", status.Builds[i].Build)
			}
			// A table and a count that are tested where they are.
			status.Builds[i].ImageBuilds, status.Builds[i].Workloads = nil, nil
		}
		if diff := cmp.Diff(want, status.Builds); diff != "" {
			return fmt.Errorf("builds (-want +got):\n%s", diff)
		}
		return nil
	})
}

func expectSummary(scene *framework.Scene, policy, want string) {
	scene.T.Helper()
	scene.ExpectStatus(policy, func(status *v1alpha1.WindowsBuildPolicyStatus) error {
		if status.Summary != want {
			return fmt.Errorf("the summary is %q, want %q", status.Summary, want)
		}
		return nil
	})
}

// cordon does not read the node before: its controllers may change it in between.
func cordon(t *testing.T, name string) {
	t.Helper()
	patch := []byte(`{"spec":{"unschedulable":true}}`)
	if _, err := shared.Kube.CoreV1().Nodes().Patch(t.Context(), name, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
}

// A node that joins is used without anybody's doing, and so is its taint.
func TestPodsFollowTheFleet(t *testing.T) {
	const build = "10.0.25398"
	scene := shared.NewScene(t)
	scene.GivenBuilds(build, ws2022)
	scene.ExpectPlaced(scene.Pod(shared.Image(core2022)), ws2022)
	taint := corev1.Taint{Key: "os", Value: "Windows", Effect: corev1.TaintEffectNoExecute}
	nodes, err := shared.Cluster.Nodes.Add(t.Context(), hollow.NodeSpec{Name: "joined", Build: build, Taints: []corev1.Taint{taint}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := nodes[0].Remove(context.Background()); err != nil {
			t.Error(err)
		}
	})
	scene.Eventually("pods are placed on the node that joined", func(context.Context) (bool, error) {
		pod, err := scene.DryRun(scene.Pod(shared.Image(core2022)))
		return err == nil && pod.Spec.NodeSelector[corev1.LabelWindowsBuild] == build, err
	})
	scene.ExpectPlaced(scene.Pod(shared.Image(core2022)), build)
}
