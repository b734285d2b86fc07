package kubectl_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/mullion-dev/mullion/test/integration/framework"
)

func TestTheFleetIsShownAndWhoWouldBeStranded(t *testing.T) {
	scene := newScene(t)
	scene.GivenBuilds(ws2019, ws2022)
	admin := shared.Cluster.Kubeconfig()
	scene.Deploy("old", 3, framework.Windows(shared.Image(core2019)))
	scene.Deploy("both", 2, framework.Windows(shared.Image(iisBoth)))

	var overview struct {
		Overview []struct {
			Build, Policy string
			Nodes, Pods   int
			Workloads     struct{ StrandedPods int }
		}
	}
	scene.Eventually("all pods run and have been counted", func(ctx context.Context) (bool, error) {
		got := mullionIn(ctx, scene, admin, "", "fleet", "-n", scene.Namespace, "-o", "json")
		if got.code != 0 {
			return false, &unexpected{got}
		}
		if err := json.Unmarshal([]byte(got.out), &overview); err != nil {
			return false, err
		}
		for _, build := range overview.Overview {
			if build.Build == ws2019 && build.Policy == scene.Namespace {
				return build.Nodes == 1 && build.Pods == 5 && build.Workloads.StrandedPods == 3, &unexpected{got}
			}
		}
		return false, &unexpected{got}
	})
	for _, change := range []string{"--retire=" + ws2019, "--if-upgraded=" + ws2019 + "=" + ws2022} {
		got := mullion(scene, admin, "", "fleet", "-n", scene.Namespace, change)
		if got.code != 1 {
			t.Fatalf("%s: exit code %d: %s%s", change, got.code, got.out, got.errOut)
		}
		expect(t, got.out, "1 of 2 workloads with 5 pods would be stranded, with 3 pods.", "Deployment/old", shared.Image(core2019), "Fix: ")
	}
	got := mullion(scene, admin, "", "fleet", "-n", scene.Namespace, "--retire", ws2022)
	if got.code != 0 {
		t.Errorf("exit code %d: %s%s", got.code, got.out, got.errOut)
	}
	expect(t, got.out, "None of 2 workloads with 5 pods would be stranded.")
}

func TestWhoMayNotReadNodesIsToldHowToBeAllowedTo(t *testing.T) {
	scene := newScene(t)
	user := scene.GivenUser("developer", editor).Kubeconfig()
	got := mullion(scene, user, "", "fleet", "-n", scene.Namespace)
	if got.code != 2 {
		t.Errorf("exit code %d", got.code)
	}
	expect(t, got.errOut, "you may not list ", "kubectl create clusterrole mullion-list-")
}
