package placement_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/integration/framework"
)

func TestThePodIsJudgedAsOtherWebhooksLeaveIt(t *testing.T) {
	inject := func(image string) func(*corev1.Pod) []framework.Operation {
		return func(*corev1.Pod) []framework.Operation {
			sidecar := corev1.Container{Name: "injected", Image: shared.Image(image)}
			return []framework.Operation{{Op: "add", Path: "/spec/containers/-", Value: sidecar}}
		}
	}
	replace := func(image string) func(*corev1.Pod) []framework.Operation {
		return func(*corev1.Pod) []framework.Operation {
			return []framework.Operation{{Op: "replace", Path: "/spec/containers/0/image", Value: shared.Image(image)}}
		}
	}
	remove := func(*corev1.Pod) []framework.Operation {
		return []framework.Operation{{Op: "replace", Path: "/spec/nodeSelector", Value: map[string]string{}}}
	}
	for sentence, c := range map[string]struct {
		patch func(*corev1.Pod) []framework.Operation
		wants []string // Nil where the pod is admitted.
	}{
		"a Linux sidecar is named":                     {inject(nginx), []string{`container "injected"`, "spec.containers[1].image: ", "exempt the pod from the injection"}},
		"a Windows sidecar that fits is welcome":       {inject(core2022), nil},
		"a Windows sidecar that does not fit is named": {inject(core2025), []string{`container "injected"`}},
		"an image that was exchanged is judged":        {replace(core2025), []string{"spec.containers[0].image: ", core2025}},
		"an image for another build than was chosen":   {replace(core2019), []string{core2019}},
		"selectors that were removed are set again":    {remove, nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			scene := shared.NewScene(t)
			scene.GivenBuilds(ws2022, ws2019)
			scene.GivenMutatingWebhook(c.patch)
			pod := scene.Pod(shared.Image(core2022))
			if c.wants == nil {
				scene.ExpectPlaced(pod, ws2022)
				return
			}
			scene.ExpectRefused(pod, c.wants...)
		})
	}
}

func TestTheRuntimeClassThatIsInjectedTakesEffectInTheSameRequest(t *testing.T) {
	scene := shared.NewScene(t)
	memory := resource.MustParse("200Mi")
	team := corev1.Toleration{Key: "team", Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule}
	class := scene.GivenRuntimeClass(&nodev1.RuntimeClass{
		Handler:  "runhcs-wcow-process",
		Overhead: &nodev1.Overhead{PodFixed: corev1.ResourceList{corev1.ResourceMemory: memory}},
		Scheduling: &nodev1.Scheduling{
			NodeSelector: map[string]string{corev1.LabelOSStable: "windows", corev1.LabelArchStable: "amd64", corev1.LabelWindowsBuild: ws2022},
			Tolerations:  []corev1.Toleration{team},
		},
	})
	spec := framework.Offering(ws2022)
	spec.Builds[0].RuntimeClass = v1alpha1.RuntimeClassSpec{Name: class.Name}
	policy := scene.GivenPolicy(spec)
	scene.ExpectCondition(policy.Name, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonInForce)

	stored := scene.ExpectAdmitted(scene.Pod(shared.Image(core2022)))
	scene.ExpectBound(stored.Name, ws2022)
	if got := stored.Spec.RuntimeClassName; got == nil || *got != class.Name {
		t.Fatalf("the pod's RuntimeClass is %v: want %q", got, class.Name)
	}
	if got := stored.Spec.Overhead[corev1.ResourceMemory]; got.Cmp(memory) != 0 {
		t.Errorf("the pod's overhead is %v: want the RuntimeClass's %v", stored.Spec.Overhead, memory)
	}
	if got := stored.Spec.NodeSelector[corev1.LabelArchStable]; got != "amd64" {
		t.Errorf("the RuntimeClass's node selector is not merged: %v", stored.Spec.NodeSelector)
	}
	for _, toleration := range stored.Spec.Tolerations {
		if toleration == team {
			return
		}
	}
	t.Errorf("the RuntimeClass's toleration is not merged: %v", stored.Spec.Tolerations)
}

func TestAPodThatNamesAWindowsRuntimeClassIsAWindowsPod(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2022)
	pod := scene.Pod(shared.Image(core2022))
	pod.Spec.OS = nil
	class := "windows-" + ws2022
	pod.Spec.RuntimeClassName = &class
	scene.ExpectPlaced(pod, ws2022)
}
