package placement_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/test/integration/framework"
)

func TestAPodThatSaysOnlyWindowsIsBoundToANodeThatRunsItsImage(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2025, ws2022, ws2019)
	for sentence, c := range map[string]struct {
		images []string
		build  string
	}{
		"an image of 2019 runs on 2019":                           {[]string{core2019}, ws2019},
		"an image of 2022 runs on 2025, which is preferred":       {[]string{core2022}, ws2025},
		"an image of 2025 runs on 2025":                           {[]string{core2025}, ws2025},
		"an image for several builds runs on the preferred one":   {[]string{"windows/servercore/iis:latest"}, ws2025},
		"an image without an index runs on its build":             {[]string{"windows/servercore/iis:windowsservercore-ltsc2019"}, ws2019},
		"a build that only the configuration states is found":     {[]string{"samples/entry-without-platform:1.0"}, ws2019},
		"an index of indexes is followed":                         {[]string{"samples/nested:1.0"}, ws2025},
		"a tag for Linux and Windows is a Windows image here":     {[]string{"dotnet/aspnet:8.0"}, ws2025},
		"several containers meet on the build that runs them all": {[]string{"windows/servercore/iis:latest", core2019}, ws2019},
	} {
		t.Run(sentence, func(t *testing.T) {
			scene := scene.In(t)
			references := make([]string, len(c.images))
			for i, image := range c.images {
				references[i] = shared.Image(image)
			}
			scene.ExpectPlaced(scene.Pod(references...), c.build)
		})
	}
}

func TestAPodIsGivenTheTolerationOfItsNodesAndNoOther(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2022)
	pod := scene.ExpectPlaced(scene.Pod(shared.Image(core2022)), ws2022)
	var given []corev1.Toleration
	for _, toleration := range pod.Spec.Tolerations {
		if toleration.Effect != corev1.TaintEffectNoExecute { // Those the API server gives to every pod.
			given = append(given, toleration)
		}
	}
	want := []corev1.Toleration{{Key: "os", Operator: corev1.TolerationOpEqual, Value: "windows", Effect: corev1.TaintEffectNoSchedule}}
	if diff := cmp.Diff(want, given); diff != "" {
		t.Errorf("tolerations (-want +got):\n%s", diff)
	}
}

func TestWhatTheUserWroteIsKept(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2025, ws2022)
	pod := framework.Selecting(scene.Pod(shared.Image(core2022)), corev1.LabelWindowsBuild, ws2022)
	pod.Spec.Tolerations = []corev1.Toleration{{Key: "team", Operator: corev1.TolerationOpExists}}
	stored := scene.ExpectPlaced(pod, ws2022)
	if got := stored.Spec.Tolerations[0]; got != pod.Spec.Tolerations[0] {
		t.Errorf("the user's toleration became %v", got)
	}
}

func TestADryRunSaysWhatARealRequestSaysAndDoesNothing(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2022)
	pod := scene.Pod(shared.Image(core2022))
	pod.GenerateName, pod.Name = "", "web"
	imagined, err := scene.DryRun(pod)
	if err != nil {
		t.Fatal(err)
	}
	if pods, err := shared.Kube.CoreV1().Pods(scene.Namespace).List(t.Context(), metav1.ListOptions{}); err != nil || len(pods.Items) > 0 {
		t.Fatalf("after a dry run there are %d pods (%v): want none", len(pods.Items), err)
	}
	stored := scene.ExpectPlaced(pod, ws2022)
	if diff := cmp.Diff(imagined.Spec, stored.Spec, ignoreTokenVolumes()); diff != "" {
		t.Errorf("a dry run gives another pod (-dry run +stored):\n%s", diff)
	}

	unfit := scene.Pod(shared.Image(core2025))
	unfit.GenerateName, unfit.Name = "", "unfit"
	_, dry := scene.DryRun(unfit)
	said := scene.ExpectDenial(dry)
	if again := scene.ExpectRefused(unfit); again != said {
		t.Errorf("a dry run is refused with\n%s\nand a real request with\n%s", said, again)
	}
	events, err := shared.Kube.CoreV1().Events(scene.Namespace).List(t.Context(), metav1.ListOptions{FieldSelector: "involvedObject.name=unfit"})
	if err != nil {
		t.Fatal(err)
	}
	if len(events.Items) > 0 {
		t.Errorf("there are events about a pod that was never made: %v", events.Items)
	}
}

// The API server names the volume of the service account's token at random.
func ignoreTokenVolumes() cmp.Option {
	return cmp.FilterPath(func(p cmp.Path) bool {
		last := p.Last().String()
		return last == ".Volumes" || last == ".VolumeMounts"
	}, cmp.Ignore())
}
