package placement_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/registry"
)

// givenPullSecret makes a Secret with credentials for the private registry.
func givenPullSecret(scene *framework.Scene, name, password string) corev1.LocalObjectReference {
	scene.T.Helper()
	config, err := json.Marshal(map[string]any{"auths": map[string]any{
		shared.Private.Host(): map[string]string{"username": framework.PrivateUsername, "password": password},
	}})
	if err != nil {
		scene.T.Fatal(err)
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Type:       corev1.SecretTypeDockerConfigJson,
		Data:       map[string][]byte{corev1.DockerConfigJsonKey: config},
	}
	if _, err := shared.Kube.CoreV1().Secrets(scene.Namespace).Create(scene.T.Context(), secret, metav1.CreateOptions{}); err != nil {
		scene.T.Fatal(err)
	}
	return corev1.LocalObjectReference{Name: name}
}

func TestAPrivateImageIsJudgedWithThePullSecretsOfThePod(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2022, ws2019)
	pod := scene.Pod(shared.PrivateImage(core2019))
	pod.Spec.ImagePullSecrets = []corev1.LocalObjectReference{givenPullSecret(scene, "pull", framework.PrivatePassword)}
	scene.ExpectPlaced(pod, ws2019)
	scene.ExpectSilence()

	t.Run("and another pod gains nothing from that", func(t *testing.T) {
		scene := scene.In(t)
		scene.ExpectEdited(scene.ExpectAdmitted(scene.Pod(shared.PrivateImage(core2019))), ws2022)
		scene.ExpectWarned("could not be inspected", shared.Private.Host())
	})
}

func TestAPrivateImageIsJudgedWithThePullSecretsOfTheServiceAccount(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2022, ws2019)
	account := &corev1.ServiceAccount{
		ObjectMeta:       metav1.ObjectMeta{Name: "puller"},
		ImagePullSecrets: []corev1.LocalObjectReference{givenPullSecret(scene, "pull", framework.PrivatePassword)},
	}
	if _, err := shared.Kube.CoreV1().ServiceAccounts(scene.Namespace).Create(t.Context(), account, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	pod := scene.Pod(shared.PrivateImage(core2019))
	pod.Spec.ServiceAccountName = account.Name
	scene.Eventually("the API server knows the service account", func(context.Context) (bool, error) {
		_, err := scene.DryRun(pod)
		return err == nil, err
	})
	scene.Warnings()
	scene.ExpectPlaced(pod, ws2019)
	scene.ExpectSilence()

	t.Run("which templates do not carry yet", func(t *testing.T) {
		scene := scene.In(t)
		deployment := deploymentOf(scene, core2025)
		deployment.Spec.Template.Spec.Containers[0].Image = shared.PrivateImage(core2025)
		deployment.Spec.Template.Spec.ServiceAccountName = account.Name
		if _, err := scene.User.AppsV1().Deployments(scene.Namespace).Create(t.Context(), deployment, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		scene.ExpectWarned("spec.template.spec.containers[0].image: ", "10.0.26100")
	})
}

func TestAPrivateImageThatCannotBeInspected(t *testing.T) {
	scene := shared.NewScene(t)
	policy := scene.GivenBuilds(ws2022)
	pod := func(s *framework.Scene) *corev1.Pod { return s.Pod(shared.PrivateImage(core2022)) }
	wrong := givenPullSecret(scene, "wrong", "not-the-password")
	t.Run("is admitted with a warning that says why", func(t *testing.T) {
		scene := scene.In(t)
		scene.ExpectPlaced(pod(scene), ws2022)
		scene.ExpectWarned("spec.containers[0].image: ", "could not be inspected", shared.Private.Host(), v1alpha1.LabelWindowsBuild)
	})
	t.Run("with a Secret that does not exist is told so", func(t *testing.T) {
		scene := scene.In(t)
		lacking := pod(scene)
		lacking.Spec.ImagePullSecrets = []corev1.LocalObjectReference{{Name: "forgotten"}}
		scene.ExpectAdmitted(lacking)
		scene.ExpectWarned("could not be inspected", scene.Namespace+"/forgotten is not used: it does not exist")
	})
	t.Run("with wrong credentials does not show them", func(t *testing.T) {
		scene := scene.In(t)
		mistaken := pod(scene)
		mistaken.Spec.ImagePullSecrets = []corev1.LocalObjectReference{wrong}
		scene.ExpectAdmitted(mistaken)
		said := strings.Join(scene.Warnings(), "\n")
		framework.ExpectText(scene, said, "could not be inspected")
		if strings.Contains(said, "not-the-password") {
			t.Errorf("the warning shows the password: %s", said)
		}
	})
	t.Run("is refused if the policy says so", func(t *testing.T) {
		scene := scene.In(t)
		scene.ChangePolicy(policy.Name, func(spec *v1alpha1.WindowsBuildPolicySpec) {
			spec.Images.WhenUnresolved = v1alpha1.UnresolvedDeny
		})
		scene.ExpectRefused(pod(scene), "spec.containers[0].image: ", "could not be inspected", "pull secret")
	})
}

// However a registry misbehaves, the pod gets an answer of ours, in time: the API server's own would be
// "failed calling webhook".
func TestARegistryThatMisbehavesGetsAClearAnswerInTime(t *testing.T) {
	scene := shared.NewScene(t)
	policy := scene.GivenBuilds(ws2022)
	faults := map[string]registry.Fault{
		"it breaks connections":      registry.Down(),
		"it takes its time":          registry.Slow(time.Minute),
		"its manifest is huge":       registry.HugeManifest(1 << 30),
		"it leads to cloud metadata": registry.Redirect("http://169.254.169.254"),
		"its indexes go in a circle": registry.Cycle(),
		"it answers with nonsense":   registry.WrongContent("application/vnd.oci.image.index.v1+json", []byte("<html>")),
		"it is overloaded":           registry.Status(429),
		"it is unavailable":          registry.Status(503),
		"it lies about lengths":      registry.OnPath("/manifests/", registry.WrongContentLength(1000)),
		"the image is not there":     registry.OnPath("/manifests/", registry.Status(404)),
	}
	hosts := map[string]*registry.Registry{}
	for sentence, fault := range faults {
		faulty := scene.FaultyRegistry(fault)
		hosts[sentence] = faulty
		t.Run(sentence, func(t *testing.T) {
			scene := scene.In(t)
			scene.ExpectEdited(scene.ExpectAdmitted(scene.Pod(faulty.Reference(core2022))), ws2022)
			scene.ExpectWarned("spec.containers[0].image: ", "could not be inspected", faulty.Host())
		})
	}
	t.Run("and is refused if the policy says so", func(t *testing.T) {
		scene := scene.In(t)
		scene.ChangePolicy(policy.Name, func(spec *v1alpha1.WindowsBuildPolicySpec) {
			spec.Images.WhenUnresolved = v1alpha1.UnresolvedDeny
		})
		for sentence, faulty := range hosts {
			text := scene.ExpectRefused(scene.Pod(faulty.Reference(core2022)), "could not be inspected", "To fix it, ")
			if strings.Contains(text, "context deadline exceeded") {
				t.Errorf("%s: the refusal speaks of contexts: %s", sentence, text)
			}
		}
	})
}

func TestTheRetrySucceedsAfterALookUpThatTookTooLong(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2022, ws2019)
	slow := scene.FaultyRegistry(registry.Slow(5 * time.Second)) // Longer than both webhooks wait.
	scene.ExpectEdited(scene.ExpectAdmitted(scene.Pod(slow.Reference(core2019))), ws2022)
	scene.ExpectWarned("try again in a moment")
	scene.Eventually("the look-up has ended in the background", func(context.Context) (bool, error) {
		pod, err := scene.DryRun(scene.Pod(slow.Reference(core2019)))
		return err == nil && pod.Spec.NodeSelector[corev1.LabelWindowsBuild] == ws2019, err
	})
}
