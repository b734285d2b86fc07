package placement_test

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/registry"
)

// The tests of this file are mistakes that comparable projects make, each with a real image or pod.

func push(t *testing.T, name string, content registry.Content, err error) v1.Hash {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	digest, err := shared.Registry.Push(t.Context(), name, content)
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

func TestTheDigestOfATagWithDigestIsKeptAndDecides(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2025, ws2022, ws2019)
	content, err := registry.WindowsIndex("10.0.17763.6293")
	digest := push(t, "peers/moved:1", content, err)
	moved, err := registry.WindowsIndex("10.0.26100.1742")
	push(t, "peers/moved:1", moved, err)

	reference := shared.Image("peers/moved:1@" + digest.String())
	stored := scene.ExpectPlaced(scene.Pod(reference), ws2019)
	if got := stored.Spec.Containers[0].Image; got != reference {
		t.Errorf("the image became %q: want %q", got, reference)
	}
}

func TestNoAffinityTermIsAdded(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2025, ws2022)
	pod := scene.Pod(shared.Image(core2022))
	term := func(host string) corev1.NodeSelectorTerm {
		return corev1.NodeSelectorTerm{MatchExpressions: []corev1.NodeSelectorRequirement{
			{Key: corev1.LabelHostname, Operator: corev1.NodeSelectorOpIn, Values: []string{host}},
		}}
	}
	pod.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{
		RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
			NodeSelectorTerms: []corev1.NodeSelectorTerm{term(framework.Node2022), term(framework.Node2019)},
		},
	}}
	stored := scene.ExpectPlaced(pod, ws2022)
	if diff := cmp.Diff(pod.Spec.Affinity, stored.Spec.Affinity); diff != "" {
		t.Errorf("the affinity was changed:\n%s", diff)
	}
}

func TestAWindowsOnlyIndexNeedsNoLinuxVariant(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2019)
	scene.ExpectPlaced(scene.Pod(shared.Image("windows/nanoserver:1809")), ws2019)
	scene.ExpectSilence()
}

// What cannot be inspected is said, instead of constraining the pod in silence, and never taken for Linux.
func TestAChildManifestThatFailsIsSaid(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2022)
	faulty := scene.FaultyRegistry(registry.OnPath("/blobs/", registry.Status(500)))
	scene.ExpectEdited(scene.ExpectAdmitted(scene.Pod(faulty.Reference("samples/entry-without-version:1.0"))), ws2022)
	scene.ExpectWarned("could not be inspected", faulty.Host())
}

func TestAlwaysPullingDoesNotMeanAlwaysAsking(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2022)
	content, err := registry.WindowsIndex("10.0.20348.2700")
	push(t, "peers/always:1", content, err)
	for range 5 {
		pod := scene.Pod(shared.Image("peers/always:1"))
		pod.Spec.Containers[0].ImagePullPolicy = corev1.PullAlways
		scene.ExpectAdmitted(pod)
	}
	if asked := shared.Registry.Requests("/peers/always/manifests/"); asked != 1 {
		t.Errorf("the registry was asked %d times about one image: want once", asked)
	}
}

func TestAHostProcessPodIsForAnyBuild(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2019)
	pod := scene.Pod(shared.Image(core2025))
	yes, user := true, `NT AUTHORITY\SYSTEM`
	pod.Spec.HostNetwork = true
	pod.Spec.SecurityContext = &corev1.PodSecurityContext{
		WindowsOptions: &corev1.WindowsSecurityContextOptions{HostProcess: &yes, RunAsUserName: &user},
	}
	scene.ExpectPlaced(pod, ws2019)
}

func TestAWindowsPodIsRecognizedByMoreThanItsNodeSelector(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2022)
	for sentence, set := range map[string]func(*corev1.Pod){
		"its node selector": func(p *corev1.Pod) { framework.Selecting(p, corev1.LabelOSStable, "windows") },
		"its build label":   func(p *corev1.Pod) { framework.Asking(p, v1alpha1.LabelWindowsBuild, ws2022) },
		"its affinity": func(p *corev1.Pod) {
			p.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{
				RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
					MatchExpressions: []corev1.NodeSelectorRequirement{
						{Key: corev1.LabelOSStable, Operator: corev1.NodeSelectorOpIn, Values: []string{"windows"}},
					},
				}}},
			}}
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			scene := scene.In(t)
			pod := scene.Pod(shared.Image(core2022))
			pod.Spec.OS = nil
			set(pod)
			scene.ExpectPlaced(pod, ws2022)
		})
	}
}

func TestManyAndOddContainersGetAClearAnswer(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2022)
	for sentence, c := range map[string]struct{ image, warning string }{
		"an uppercase repository": {"127.0.0.1:5000/Windows/Core:1", "could not be inspected"},
		"a reference of nonsense": {"::not an image::", "could not be inspected"},
		"cloud metadata itself":   {"169.254.169.254/latest:meta-data", "could not be inspected"},
	} {
		t.Run(sentence, func(t *testing.T) {
			scene := scene.In(t)
			scene.ExpectAdmitted(scene.Pod(c.image))
			scene.ExpectWarned("spec.containers[0].image: ", c.warning)
		})
	}
	t.Run("a thousand containers", func(t *testing.T) {
		scene := scene.In(t)
		pod := scene.Pod()
		for i := range 1000 {
			pod.Spec.Containers = append(pod.Spec.Containers, corev1.Container{Name: containerName(i), Image: shared.Image(core2022)})
		}
		pod.Spec.Containers[999].Image = shared.Image(nginx)
		scene.ExpectRefused(pod, "spec.containers[999].image: ")
	})
}

func containerName(i int) string { return "c" + strconv.Itoa(i) }
