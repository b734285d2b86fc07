package policyapi_test

import (
	"encoding/json"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/test/integration/framework"
)

func TestWhoMayNotAskIsForbidden(t *testing.T) {
	scene := newScene(t)
	asked := scene.Review(scene.PodToReview(shared.Image(core2022)))
	for name, role := range map[string]string{"nobody": "", "onlooker": viewer} {
		_, err := scene.Ask(scene.GivenUser(name, role), asked)
		if !apierrors.IsForbidden(err) {
			t.Errorf("%s is answered: %v", name, err)
		}
	}
}

// Facts that were learnt with pull secrets are remembered for those who may use them, and for nobody else.
func TestPullSecretsAreUsedForThoseOnlyWhoMayReadThem(t *testing.T) {
	scene := newScene(t)
	scene.GivenBuilds(framework.Build2022)
	secret := givenPullSecret(scene)
	pod := scene.PodToReview(shared.PrivateImage(core2022))
	pod.Spec.ImagePullSecrets = []corev1.LocalObjectReference{{Name: secret}}

	may := scene.ExpectAnswer(scene.GivenUser("editor", editor), scene.Review(pod))
	if len(may.Images) != 1 || may.Images[0].Digest == "" || may.Images[0].Credentials != placementv1alpha1.CredentialsPullSecrets {
		t.Errorf("who may read secrets learns %+v", may.Images)
	}
	if len(may.Notes) > 0 {
		t.Errorf("who may read secrets is told %q", may.Notes)
	}
	mayNot := scene.ExpectAnswer(scene.GivenUser("reviewer", reviewer), scene.Review(pod))
	if len(mayNot.Images) != 1 || mayNot.Images[0].Digest != "" || mayNot.Images[0].Problem == nil ||
		mayNot.Images[0].Problem.Reason != "Unauthorized" || mayNot.Images[0].Credentials != placementv1alpha1.CredentialsAnonymous {
		t.Errorf("who may not read secrets learns %+v", mayNot.Images)
	}
	if len(mayNot.Notes) != 1 || !strings.Contains(mayNot.Notes[0], "you may not read secrets in namespace "+scene.Namespace) {
		t.Errorf("who may not read secrets is told %q", mayNot.Notes)
	}
	if raw, err := json.Marshal([]any{may, mayNot}); err != nil || strings.Contains(string(raw), framework.PrivatePassword) {
		t.Errorf("an answer shows the password (%v)", err)
	}
	scene.ExpectPlaced(pod, framework.Build2022)
}

// givenPullSecret makes a pull secret for the private registry.
func givenPullSecret(scene *framework.Scene) string {
	scene.T.Helper()
	config, err := json.Marshal(map[string]any{"auths": map[string]any{
		shared.Private.Host(): map[string]any{"username": framework.PrivateUsername, "password": framework.PrivatePassword},
	}})
	if err != nil {
		scene.T.Fatal(err)
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "registry"},
		Type:       corev1.SecretTypeDockerConfigJson,
		Data:       map[string][]byte{corev1.DockerConfigJsonKey: config},
	}
	if _, err := shared.Kube.CoreV1().Secrets(scene.Namespace).Create(scene.T.Context(), secret, metav1.CreateOptions{}); err != nil {
		scene.T.Fatal(err)
	}
	return secret.Name
}
