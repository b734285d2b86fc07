package policyapi_test

import (
	"context"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/test/integration/framework"
)

func TestKubectlCreatesReviewsAndShowsTheAnswer(t *testing.T) {
	scene := newScene(t)
	scene.GivenBuilds(framework.Build2022)
	user := scene.GivenUser("developer", editor)
	manifest := `apiVersion: placement.mullion.dev/v1alpha1
kind: PlacementReview
metadata:
  namespace: ` + scene.Namespace + `
spec:
  object:
    apiVersion: v1
    kind: Pod
    metadata:
      name: web
    spec:
      os:
        name: windows
      containers:
      - name: web
        image: ` + shared.Image(core2022) + "\n"
	// The right is known, and the API server has gathered what the policy API says of its kinds: without, kubectl
	// looks for a CRD, which not everybody may.
	scene.Eventually("kubectl knows the kind", func(ctx context.Context) (bool, error) {
		_, err := user.Kubectl(ctx, strings.NewReader(manifest), "create", "-f", "-")
		return err == nil, err
	})

	out, err := user.Kubectl(t.Context(), strings.NewReader(manifest), "create", "-f", "-", "-o", "yaml")
	if err != nil {
		t.Fatal(err)
	}
	var answered placementv1alpha1.PlacementReview
	if err := yaml.UnmarshalStrict([]byte(out), &answered); err != nil {
		t.Fatalf("reading %s: %v", out, err)
	}
	if !answered.Status.Allowed || answered.Status.Build != framework.Build2022 || len(answered.ManagedFields) > 0 {
		t.Errorf("kubectl shows\n%s", out)
	}
	out, err = user.Kubectl(t.Context(), strings.NewReader(manifest), "create", "-f", "-")
	if err != nil || strings.TrimSpace(out) != "placementreview.placement.mullion.dev/web created" {
		t.Errorf("kubectl says %q, %v", out, err)
	}
	mistyped := strings.Replace(manifest, "containers:", "contaners:", 1)
	_, err = user.Kubectl(t.Context(), strings.NewReader(mistyped), "create", "-f", "-")
	if err == nil || !strings.Contains(err.Error(), "spec.object.spec.contaners") {
		t.Errorf("a field that does not exist: %v", err)
	}
	_, err = user.Kubectl(t.Context(), strings.NewReader(strings.Replace(manifest, "spec:", "spec:\n  objekt: {}", 1)), "create", "-f", "-")
	if err == nil || !strings.Contains(err.Error(), "objekt") {
		t.Errorf("a field of the review that does not exist: %v", err)
	}
}

func TestKubectlExplainsReviews(t *testing.T) {
	scene := newScene(t)
	for field, want := range map[string]string{
		"placementreview":                           "asks where the pods of an object would run",
		"placementreview.spec":                      "object in question",
		"placementreview.spec.assume":               "hypothetical nodes",
		"placementreview.spec.assume.nodes.taints":  "effect",
		"placementreview.spec.assume.policy.builds": "isolation",
		"placementreview.status.candidates":         "machine-readable",
	} {
		scene.Eventually("kubectl explains "+field, func(ctx context.Context) (bool, error) {
			out, err := shared.Cluster.Kubectl(ctx, nil, "explain", field, "--api-version", "placement.mullion.dev/v1alpha1")
			return err == nil && strings.Contains(out, want), err
		})
	}
	out, err := shared.Cluster.Kubectl(t.Context(), nil, "api-resources", "--api-group", "placement.mullion.dev", "--no-headers", "-o", "wide")
	if err != nil || !strings.Contains(out, "placementreviews") || !strings.Contains(out, "create") || strings.Contains(out, "get") {
		t.Errorf("kubectl lists %q, %v", out, err)
	}
}
