package aggregated_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/localcluster"
)

func TestPodsArePlacedAndRefusedThroughTheAggregatedAPI(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(framework.Build2022)
	scene.ExpectPlaced(scene.Pod(shared.Image(core2022)), framework.Build2022)
	scene.ExpectRefused(scene.Pod(shared.Image(nginx)), "spec.containers[0].image: ", "linux/amd64")
	scene.ExpectRefused(scene.Pod(shared.Image(core2025)), "spec.containers[0].image: ", framework.Build2025)
}

// That the API server calls the paths of the API, and not the direct listener, is what its configurations say.
func TestTheAPIServerCallsItself(t *testing.T) {
	validating, err := shared.Kube.AdmissionregistrationV1().ValidatingWebhookConfigurations().Get(t.Context(), "mullion", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range validating.Webhooks {
		service := validating.Webhooks[i].ClientConfig.Service
		if service == nil || service.Namespace != "default" || service.Name != "kubernetes" {
			t.Errorf("%s is called at %+v", validating.Webhooks[i].Name, service)
		}
	}
}

var errNoReview = errors.New("no response")

const mutatePods = "/apis/placement.mullion.dev/v1alpha1/mutate-pods"

func TestNobodyButTheAPIServerCallsAdmissionUnlessTheClusterSaysSo(t *testing.T) {
	scene := shared.NewScene(t)
	scene.WaitForPolicyAPI()
	user, err := shared.Cluster.User("curious-" + scene.Namespace)
	if err != nil {
		t.Fatal(err)
	}
	if err := review(t.Context(), user); !apierrors.IsForbidden(err) {
		t.Fatalf("somebody without rights is answered: %v", err)
	}
	givenRight(scene, "curious-"+scene.Namespace)
	scene.Eventually("who was given the right is answered", func(ctx context.Context) (bool, error) {
		err := review(ctx, user)
		return err == nil, err
	})
}

// review calls an admission endpoint as a user.
func review(ctx context.Context, user *localcluster.Identity) error {
	client, err := kubernetes.NewForConfig(user.RESTConfig())
	if err != nil {
		return err
	}
	const body = `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"1","operation":"CREATE",` +
		`"kind":{"version":"v1","kind":"Pod"},"namespace":"default","object":{"spec":{}}}}`
	raw, err := client.Discovery().RESTClient().Post().AbsPath(mutatePods).SetHeader("Content-Type", "application/json").
		Body(bytes.NewBufferString(body)).DoRaw(ctx)
	if err != nil {
		return err
	}
	var answered admissionv1.AdmissionReview
	if err := json.Unmarshal(raw, &answered); err != nil || answered.Response == nil {
		return fmt.Errorf("the answer is no review but %s: %w", raw, errors.Join(err, errNoReview))
	}
	return nil
}

// givenRight lets a user call an admission endpoint.
func givenRight(scene *framework.Scene, user string) {
	scene.T.Helper()
	role := &rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: scene.Namespace},
		Rules: []rbacv1.PolicyRule{{
			APIGroups: []string{"placement.mullion.dev"}, Resources: []string{"mutate-pods"}, Verbs: []string{"create"},
		}},
	}
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: scene.Namespace},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role.Name},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
	}
	if _, err := shared.Kube.RbacV1().ClusterRoles().Create(scene.T.Context(), role, metav1.CreateOptions{}); err != nil {
		scene.T.Fatal(err)
	}
	if _, err := shared.Kube.RbacV1().ClusterRoleBindings().Create(scene.T.Context(), binding, metav1.CreateOptions{}); err != nil {
		scene.T.Fatal(err)
	}
	scene.T.Cleanup(func() {
		_ = shared.Kube.RbacV1().ClusterRoleBindings().Delete(context.Background(), role.Name, metav1.DeleteOptions{})
		_ = shared.Kube.RbacV1().ClusterRoles().Delete(context.Background(), role.Name, metav1.DeleteOptions{})
	})
}
