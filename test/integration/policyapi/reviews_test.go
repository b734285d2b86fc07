package policyapi_test

import (
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/integration/framework"
)

func TestAReviewSaysWhatThenHappens(t *testing.T) {
	scene := newScene(t)
	scene.GivenBuilds(framework.Build2022, framework.Build2019)
	user := scene.GivenUser("developer", editor)

	pod := scene.PodToReview(shared.Image(core2022))
	status := scene.ExpectAnswer(user, scene.Review(pod))
	if !status.Allowed || status.Build != framework.Build2022 || status.PatchTarget != placementv1alpha1.PatchObject {
		t.Errorf("the answer is %+v", status)
	}
	if len(status.Candidates) != 2 || !status.Candidates[0].Chosen || status.Candidates[1].Reason != "ImageIncompatible" {
		t.Errorf("candidates are %+v", status.Candidates)
	}
	if len(status.Images) != 1 || !strings.HasPrefix(status.Images[0].Digest, "sha256:") || len(status.Images[0].Platforms) == 0 {
		t.Errorf("images are %+v", status.Images)
	}
	scene.ExpectPlaced(pod, framework.Build2022)

	refused := scene.PodToReview(shared.Image(nginx))
	status = scene.ExpectAnswer(user, scene.Review(refused))
	if status.Allowed || status.Denial == nil {
		t.Fatalf("the answer is %+v", status)
	}
	scene.ExpectRefused(refused, status.Denial.Message)
}

func TestAnObjectThatMakesPodsIsReviewedWithThem(t *testing.T) {
	scene := newScene(t)
	scene.GivenBuilds(framework.Build2022)
	user := scene.GivenUser("developer", reviewer)
	deployment := &appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
			Template: framework.Template(framework.Windows(shared.Image(core2019))),
		},
	}
	status := scene.ExpectAnswer(user, scene.Review(deployment))
	if status.Allowed || status.Denial == nil || status.Denial.Field != "spec.template.spec.containers[0].image" {
		t.Fatalf("the answer is %+v", status)
	}
	if _, err := scene.User.AppsV1().Deployments(scene.Namespace).Create(t.Context(), deployment, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	scene.ExpectWarned(status.Denial.Message)
}

func TestWhatIfNodesOrBuildsWereOthers(t *testing.T) {
	scene := newScene(t)
	scene.GivenBuilds(framework.Build2022)
	user := scene.GivenUser("planner", reviewer)
	ask := func(image string, assume *placementv1alpha1.Assumptions) *placementv1alpha1.PlacementReviewStatus {
		asked := scene.Review(scene.PodToReview(shared.Image(image)))
		asked.Spec.Assume = assume
		return scene.ExpectAnswer(user, asked)
	}
	if status := ask(core2022, nil); !status.Allowed {
		t.Errorf("as it is: %+v", status)
	}
	retired := &placementv1alpha1.Assumptions{States: []placementv1alpha1.AssumedState{{Build: framework.Build2022, State: v1alpha1.BuildRetired}}}
	if status := ask(core2022, retired); status.Allowed || status.Candidates[0].Reason != "Retired" {
		t.Errorf("if the build were retired: %+v", status)
	}
	upgraded := &placementv1alpha1.Assumptions{
		Builds:   []v1alpha1.BuildRule{{Build: "10.0.25398"}},
		Upgrades: []placementv1alpha1.BuildUpgrade{{From: framework.Build2019, To: "10.0.25398"}},
	}
	status := ask(core2019, upgraded)
	if len(status.Candidates) != 2 || status.Candidates[1].Nodes != 1 {
		t.Errorf("if nodes were upgraded: %+v", status)
	}
}

func TestWhatMakesNoSenseIsRefusedByField(t *testing.T) {
	scene := newScene(t)
	user := scene.GivenUser("developer", reviewer)
	scene.ExpectAnswer(user, scene.Review(scene.PodToReview(shared.Image(core2022)))) // The right is known.

	scene.ExpectInvalid(user, scene.Review(&corev1.ConfigMap{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}}),
		"spec.object.kind", "ConfigMap", "make no pods")
	elsewhere := scene.PodToReview(shared.Image(core2022))
	elsewhere.Namespace = "elsewhere"
	scene.ExpectInvalid(user, scene.Review(elsewhere), "spec.object.metadata.namespace", "elsewhere")
	assuming := scene.Review(scene.PodToReview(shared.Image(core2022)))
	assuming.Spec.Assume = &placementv1alpha1.Assumptions{
		RemovedNodes: []string{"nobody"},
		Nodes:        []placementv1alpha1.AssumedNodes{{Build: framework.Build2022, Count: 10_000}},
	}
	scene.ExpectInvalid(user, assuming, "spec.assume", "there is no Windows node \"nobody\"")
	assuming.Spec.Assume.Nodes[0].Count = 10_001
	scene.ExpectInvalid(user, assuming, "spec.assume.nodes[0].count", "10001")
}

func TestANamespaceThatAdmissionIsNotShownIsSaidSo(t *testing.T) {
	scene := newScene(t)
	admin, err := shared.Cluster.User("administrator", "system:masters")
	if err != nil {
		t.Fatal(err)
	}
	asked := scene.Review(scene.PodToReview(shared.Image(nginx)))
	asked.Spec.Object.Raw = []byte(strings.ReplaceAll(string(asked.Spec.Object.Raw), scene.Namespace, "kube-system"))
	asked.Namespace = "kube-system"
	status := scene.ExpectAnswer(admin, asked)
	if !status.Allowed || len(status.Notes) != 1 || !strings.Contains(status.Notes[0], "kube-system") {
		t.Errorf("the answer is %+v", status)
	}
	asked.Spec.Object.Raw = []byte(strings.ReplaceAll(string(asked.Spec.Object.Raw), "kube-system", "nowhere"))
	asked.Namespace = "nowhere"
	if _, err := scene.Ask(admin, asked); !apierrors.IsNotFound(err) {
		t.Errorf("in a namespace that does not exist: %v", err)
	}
}
