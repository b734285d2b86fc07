package placement_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/integration/framework"
)

func TestARefusalSaysWhatIsWrongWhereAndWhatMendsIt(t *testing.T) {
	scene := shared.NewScene(t)
	spec := framework.Offering(ws2022, ws2019)
	spec.Builds[1].State = v1alpha1.BuildRetired
	scene.GivenPolicy(spec)
	for sentence, c := range map[string]struct {
		pod   func(*framework.Scene) *corev1.Pod
		wants []string
	}{
		"an image for a build that is not offered": {
			func(s *framework.Scene) *corev1.Pod { return s.Pod(shared.Image(core2025)) },
			[]string{"spec.containers[0].image: ", "built for", "10.0.26100", `container "main"`, "Windows Server 2022"},
		},
		"a Linux image": {
			func(s *framework.Scene) *corev1.Pod { return s.Pod(shared.Image(core2022), shared.Image(nginx)) },
			[]string{"spec.containers[1].image: ", `container "second"`, "linux", "without a Windows variant"},
		},
		"an init container's image": {
			func(s *framework.Scene) *corev1.Pod {
				pod := s.Pod(shared.Image(core2022))
				pod.Spec.InitContainers = []corev1.Container{{Name: "prepare", Image: shared.Image(core2025)}}
				return pod
			},
			[]string{"spec.initContainers[0].image: ", `container "prepare"`},
		},
		"images that share no build": {
			func(s *framework.Scene) *corev1.Pod { return s.Pod(shared.Image(core2022), shared.Image(core2019)) },
			[]string{"no build runs all containers", `container "second"`},
		},
		"a build that is retired": {
			func(s *framework.Scene) *corev1.Pod { return s.Pod(shared.Image(core2019)) },
			[]string{"spec.containers[0].image: ", "retired", "To fix it, "},
		},
		"a pin to a build that is not offered": {
			func(s *framework.Scene) *corev1.Pod {
				return framework.Selecting(s.Pod(shared.Image(core2022)), corev1.LabelWindowsBuild, "10.0.25398")
			},
			[]string{"spec.nodeSelector", "10.0.25398"},
		},
		"a label that is no build": {
			func(s *framework.Scene) *corev1.Pod {
				return framework.Asking(s.Pod(shared.Image(core2022)), v1alpha1.LabelWindowsBuild, "ltsc2022")
			},
			[]string{"metadata.labels[mullion.dev/windows-build]: ", `"ltsc2022" is not a Windows build`},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			scene := scene.In(t)
			scene.ExpectRefused(c.pod(scene), append(c.wants, "To fix it, ")...)
		})
	}
}

func TestTheRefusalReachesTheUserOfKubectlVerbatim(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2022)
	pod := scene.Pod(shared.Image(core2025))
	text := scene.ExpectRefused(pod)
	_, sentence, denied := strings.Cut(text, "denied the request: ")
	if !denied {
		t.Fatalf("not refused by a webhook: %s", text)
	}

	manifest := fmt.Sprintf(`
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: %s}
spec:
  os: {name: windows}
  containers: [{name: main, image: %q}]
`, scene.Namespace, shared.Image(core2025))
	_, err := shared.Cluster.Kubectl(t.Context(), strings.NewReader(manifest), "apply", "-f", "-")
	if err == nil {
		t.Fatal("kubectl applied the pod")
	}
	framework.ExpectText(scene, err.Error(), sentence)
}

func TestTheReplicaSetsEventCarriesTheRefusal(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2022)
	deployment := deploymentOf(scene, core2025)
	if _, err := scene.User.AppsV1().Deployments(scene.Namespace).Create(t.Context(), deployment, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	scene.ExpectWarned("spec.template.spec.containers[0].image: ", "10.0.26100", "To fix it, ")
	scene.Eventually("an event has the refusal", func(ctx context.Context) (bool, error) {
		events, err := shared.Kube.CoreV1().Events(scene.Namespace).List(ctx, metav1.ListOptions{FieldSelector: "reason=FailedCreate"})
		if err != nil {
			return false, err
		}
		for _, event := range events.Items {
			if strings.Contains(event.Message, "spec.containers[0].image: ") && strings.Contains(event.Message, "To fix it, ") {
				return true, nil
			}
		}
		return false, fmt.Errorf("there are %d events", len(events.Items))
	})
}
