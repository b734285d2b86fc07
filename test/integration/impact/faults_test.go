package impact_test

import (
	"context"
	"slices"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/localcluster/hollow"
)

func TestWithoutTheRightToListPodsTheConditionSaysSoAndTheRestIsKept(t *testing.T) {
	scene := shared.NewScene(t)
	policy := scene.GivenBuilds(ws2019, "10.0.25398")
	scene.Deploy("old", 1, framework.Windows(shared.Image(core2019)))
	expectCount(scene, policy.Name, ws2019, 1, 1, 0)

	before := complaints(t)
	restore := forbidPods(t)
	message := scene.ExpectCondition(policy.Name, v1alpha1.ConditionWorkloadsCounted, metav1.ConditionFalse, v1alpha1.ReasonCountingFailed)
	framework.ExpectText(scene, message, "The workloads are those of 20", "listing pods: ", "mullion-nodemanager", "cannot list")
	expectCount(scene, policy.Name, ws2019, 1, 1, 0) // As they were.

	nodes, err := shared.Cluster.Nodes.Add(t.Context(), hollow.NodeSpec{Name: "joined", Build: "10.0.25398"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := nodes[0].Remove(context.Background()); err != nil {
			t.Error(err)
		}
	})
	scene.Eventually("the status goes on counting nodes", func(ctx context.Context) (bool, error) {
		out, err := shared.Cluster.Kubectl(ctx, nil, "get", "wbp", policy.Name, "-o", "jsonpath={.status.summary}")
		return out == ws2019+" (1/1), 10.0.25398 (1/1)", err
	})
	scene.ExpectCondition(policy.Name, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonInForce)

	if lines := complaints(t)[len(before):]; len(lines) != 1 {
		t.Errorf("the log says it %d times: %q", len(lines), lines)
	}
	restore()
	scene.ExpectCondition(policy.Name, v1alpha1.ConditionWorkloadsCounted, metav1.ConditionTrue, v1alpha1.ReasonCounted)
}

// complaints are what the node manager has logged of workloads that it cannot count.
func complaints(t *testing.T) []string {
	t.Helper()
	lines, err := framework.LogLines(shared.Mullion.NodeManagers[0], "workloads cannot be counted")
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// forbidPods takes the right to list pods from the node manager, and returns what gives it back.
func forbidPods(t *testing.T) (restore func()) {
	t.Helper()
	roles := shared.Kube.RbacV1().ClusterRoles()
	role, err := roles.Get(t.Context(), "mullion-nodemanager", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	rules := role.Rules
	update := func(ctx context.Context, rules []rbacv1.PolicyRule) {
		t.Helper()
		role.Rules = rules
		if role, err = roles.Update(ctx, role, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	update(t.Context(), slices.DeleteFunc(slices.Clone(rules), func(r rbacv1.PolicyRule) bool {
		return slices.Contains(r.Resources, "pods")
	}))
	t.Cleanup(func() { update(context.Background(), rules) })
	return func() { update(t.Context(), rules) }
}
