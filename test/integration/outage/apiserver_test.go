package outage_test

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/test/install"
)

func TestAnAPIServerThatIsKilledLosesNothingAndTheProgramsGoOn(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2022)
	before := scene.ExpectPlaced(scene.Pod(shared.Image(core2022)), ws2022)
	webhooks := processes(shared.Mullion.Webhooks)

	shared.Cluster.APIServer.Kill()
	if err := shared.Cluster.APIServer.Start(t.Context()); err != nil {
		t.Fatal(err)
	}

	scene.Eventually("pods are placed again", func(context.Context) (bool, error) {
		pod, err := scene.DryRun(scene.Pod(shared.Image(core2022)))
		return err == nil && pod.Spec.NodeSelector[corev1.LabelWindowsBuild] == ws2022, err
	})
	scene.ExpectBound(before.Name, ws2022)
	scene.ExpectPlaced(scene.Pod(shared.Image(core2022)), ws2022)
	scene.ExpectRefused(scene.Pod(shared.Image(core2025)))
	if after := processes(shared.Mullion.Webhooks); after != webhooks {
		t.Errorf("the webhooks' processes were %v and are %v", webhooks, after)
	}

	// What is new is seen, too: the watches are back.
	other := shared.NewScene(t)
	other.GivenBuilds(ws2022)
	other.ExpectRefused(other.Pod(shared.Image(core2025)))
}

func processes(programs []*install.Program) (ids [2]int) {
	for i, program := range programs {
		ids[i] = program.PID()
	}
	return ids
}
