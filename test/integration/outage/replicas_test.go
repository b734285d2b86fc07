package outage_test

import (
	"context"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mullion-dev/mullion/test/install"
)

func TestOneReplicaThatLeavesFailsNoRequest(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2022)
	pods := startStream(scene)
	pods.waitFor(scene, 20)
	for _, replica := range shared.Mullion.Webhooks {
		replica.Stop(t.Context())
		pods.waitFor(scene, 20)
		if err := replica.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		pods.waitFor(scene, 20)
	}
	pods.end(t)
}

// A crash breaks the requests that the replica was answering; the API server tries again once. What comes
// after the crash goes to the other replica.
func TestOneReplicaThatCrashesIsNotNoticedForLong(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2022)
	replica := shared.Mullion.Webhooks[0]
	replica.Kill()
	t.Cleanup(func() { restart(t, replica) })
	scene.Eventually("pods are placed again", func(context.Context) (bool, error) {
		pod, err := scene.DryRun(scene.Pod(shared.Image(core2022)))
		return err == nil && pod.Spec.NodeSelector[corev1.LabelWindowsBuild] == ws2022, err
	})
	pods := startStream(scene)
	pods.waitFor(scene, 50)
	pods.end(t)
}

func TestWithoutAnyWebhookLinuxPodsRunAndWindowsPodsAreRefused(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2022)
	existing := scene.ExpectPlaced(scene.Pod(shared.Image(core2022)), ws2022)
	for _, replica := range shared.Mullion.Webhooks {
		replica.Kill()
		t.Cleanup(func() { restart(t, replica) })
	}

	linux := scene.Pod(shared.Image(nginx))
	linux.Spec.OS = nil
	scene.ExpectBound(scene.ExpectAdmitted(linux).Name, "")
	says := scene.Pod(shared.Image(nginx))
	says.Spec.OS.Name = corev1.Linux
	scene.ExpectAdmitted(says)

	_, err := scene.Create(scene.Pod(shared.Image(core2022)))
	if err == nil || !strings.Contains(err.Error(), `failed calling webhook "pods.validate.mullion.dev"`) {
		t.Errorf("a Windows pod: got %v: want the webhook's failure", err)
	}
	// A Windows pod that is there can be labelled and deleted all the same.
	clients := scene.User.CoreV1().Pods(scene.Namespace)
	label := []byte(`{"metadata":{"labels":{"owner":"somebody"}}}`)
	if _, err := clients.Patch(t.Context(), existing.Name, types.MergePatchType, label, metav1.PatchOptions{}); err != nil {
		t.Errorf("labelling a Windows pod: %v", err)
	}
	if err := clients.Delete(t.Context(), existing.Name, metav1.DeleteOptions{}); err != nil {
		t.Errorf("deleting a Windows pod: %v", err)
	}
}

// restart brings a replica back for the tests that follow.
func restart(t *testing.T, program *install.Program) {
	t.Helper()
	if program.PID() != 0 {
		return
	}
	if err := program.Start(context.Background()); err != nil {
		t.Error(err)
	}
}
