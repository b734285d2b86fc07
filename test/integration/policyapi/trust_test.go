package policyapi_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/test/integration/framework"
)

// Who the API server is stands in a ConfigMap. A webhook that may not read it refuses every question about placement,
// and admits pods all the same.
func TestAdmissionGoesOnWhileCallersOfThePolicyAPICannotBeAuthenticated(t *testing.T) {
	scene := newScene(t)
	scene.GivenBuilds(framework.Build2022)
	const namespace, name = "kube-system", "mullion-webhook-authentication-reader"
	bindings := shared.Kube.RbacV1().RoleBindings(namespace)
	binding, err := bindings.Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := bindings.Delete(t.Context(), name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, webhook := range shared.Mullion.Webhooks {
		if err := webhook.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	expectReady(scene, 0)
	scene.ExpectPlaced(scene.Pod(shared.Image(core2022)), framework.Build2022)
	for _, webhook := range shared.Mullion.Webhooks {
		said, err := framework.LogLines(webhook, "refuses everybody")
		if err != nil || len(said) == 0 || !strings.Contains(strings.Join(said, "\n"), "extension-apiserver-authentication") {
			t.Errorf("%s says %q, %v", webhook.Name(), said, err)
		}
	}

	restored := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: binding.Labels}, RoleRef: binding.RoleRef, Subjects: binding.Subjects,
	}
	if _, err := bindings.Create(t.Context(), restored, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	expectReady(scene, 1)
	scene.WaitForPolicyAPI()
	scene.ExpectAnswer(scene.GivenUser("developer", reviewer), scene.Review(scene.PodToReview(shared.Image(core2022))))
}

// expectReady waits until every webhook shows whether it can authenticate callers.
func expectReady(scene *framework.Scene, want float64) {
	scene.T.Helper()
	scene.Eventually("the webhooks show whether they can authenticate callers", func(ctx context.Context) (bool, error) {
		for _, webhook := range shared.Mullion.Webhooks {
			got, err := webhook.Metric(ctx, "mullion_policy_api_ready", nil)
			if err != nil || got != want {
				return false, errors.Join(err, errors.New(webhook.Name()+" shows the other"))
			}
		}
		return true, nil
	})
}
