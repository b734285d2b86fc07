package placement_test

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/integration/framework"
)

func TestAnImageThatIsChangedIsJudgedByTheNodeOfThePod(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2025, ws2022)
	pod := scene.ExpectPlaced(scene.Pod(shared.Image(core2022)), ws2025)
	if err := changeImage(scene, pod.Name, core2025); err != nil {
		t.Errorf("an image that the node runs: %v", err)
	}
	scene.ExpectDenial(changeImage(scene, pod.Name, core2019), "spec.", core2019, ws2019)
	scene.ExpectDenial(changeImage(scene, pod.Name, nginx), "spec.containers[0].image: ", "without a Windows variant")
}

func TestAPodOnABuildThatWasRetiredCanStillBeChanged(t *testing.T) {
	scene := shared.NewScene(t)
	policy := scene.GivenBuilds(ws2022)
	pod := scene.ExpectPlaced(scene.Pod(shared.Image(core2022)), ws2022)
	scene.ChangePolicy(policy.Name, func(spec *v1alpha1.WindowsBuildPolicySpec) {
		spec.Builds[0].State = v1alpha1.BuildRetired
	})
	scene.ExpectRefused(scene.Pod(shared.Image(core2022)), "retired")
	if err := patchPod(scene, pod.Name, `{"metadata":{"labels":{"owner":"somebody"}}}`); err != nil {
		t.Errorf("a label: %v", err)
	}
	if err := changeImage(scene, pod.Name, "windows/nanoserver:ltsc2022"); err != nil {
		t.Errorf("an image that the node runs: %v", err)
	}
}

func TestEphemeralContainersAreJudged(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2022)
	pod := scene.ExpectPlaced(scene.Pod(shared.Image(core2022)), ws2022)
	scene.ExpectDenial(debugWith(scene, pod.Name, nginx), "spec.ephemeralContainers[0].image: ", `container "debugger"`)
	scene.ExpectDenial(debugWith(scene, pod.Name, core2025), core2025)
	if err := debugWith(scene, pod.Name, "windows/nanoserver:ltsc2022"); err != nil {
		t.Errorf("an image that the node runs: %v", err)
	}
}

// debugWith adds an ephemeral container, as kubectl debug does.
func debugWith(scene *framework.Scene, name, image string) error {
	pods := scene.User.CoreV1().Pods(scene.Namespace)
	return retry.RetryOnConflict(retry.DefaultBackoff, func() error { // The node reports the pod's status meanwhile.
		pod, err := pods.Get(scene.T.Context(), name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		pod.Spec.EphemeralContainers = append(pod.Spec.EphemeralContainers, corev1.EphemeralContainer{
			EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: "debugger", Image: shared.Image(image)},
		})
		_, err = pods.UpdateEphemeralContainers(scene.T.Context(), name, pod, metav1.UpdateOptions{})
		return err
	})
}

func changeImage(scene *framework.Scene, name, image string) error {
	return patchPod(scene, name, fmt.Sprintf(`{"spec":{"containers":[{"name":"main","image":%q}]}}`, shared.Image(image)))
}

func patchPod(scene *framework.Scene, name, patch string) error {
	_, err := scene.User.CoreV1().Pods(scene.Namespace).
		Patch(scene.T.Context(), name, types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{})
	return err
}
