package protection_test

import (
	"context"
	"testing"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/mullion-dev/mullion/test/manifests"
)

// The node lifecycle controller is the real one, with its own rights; the node reports to it as a kubelet does.
func TestANodeOfOursIsTaintedAndFreedAsItsHealthChanges(t *testing.T) {
	ctx := testContext(t)
	tainted := func(want bool) func(*corev1.Node) bool {
		return func(node *corev1.Node) bool {
			for _, taint := range node.Spec.Taints {
				if taint.Key == corev1.TaintNodeNotReady && taint.Effect == corev1.TaintEffectNoSchedule {
					return want
				}
			}
			return !want
		}
	}
	node := shared.cluster.Nodes.Node(ours)
	for _, ready := range []bool{false, true} {
		node.SetReady(ready)
		if err := shared.cluster.Nodes.WaitFor(ctx, ours, tainted(!ready)); err != nil {
			t.Fatalf("ready %t: %v", ready, err)
		}
	}
}

// An expression that does not fit the types of nodes would end in errors, each of which refuses a change.
func TestTheAPIServerFindsNothingWrongWithTheExpressions(t *testing.T) {
	ctx := testContext(t)
	var shipped admissionregistrationv1.ValidatingAdmissionPolicy
	objects, err := manifests.Build("manifests/overlays/development")
	if err != nil {
		t.Fatal(err)
	}
	if err := objects.Decode("ValidatingAdmissionPolicy", "mullion-node-protection", &shipped); err != nil {
		t.Fatal(err)
	}
	policies := shared.root.AdmissionregistrationV1().ValidatingAdmissionPolicies()
	err = wait.PollUntilContextCancel(ctx, 50*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		policy, err := policies.Get(ctx, shipped.Name, metav1.GetOptions{})
		if err != nil || policy.Status.TypeChecking == nil || policy.Status.ObservedGeneration != policy.Generation {
			return false, err // The controller manager has not looked yet.
		}
		for _, warning := range policy.Status.TypeChecking.ExpressionWarnings {
			t.Errorf("%s: %s", warning.FieldRef, warning.Warning)
		}
		return true, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
