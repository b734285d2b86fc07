package kubectl_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/test/integration/framework"
)

func manifest(t *testing.T, object any) string {
	t.Helper()
	raw, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestWhatIsExplainedIsWhatHappens(t *testing.T) {
	scene := newScene(t)
	scene.GivenBuilds(ws2022, ws2019)
	user := scene.GivenUser("developer", editor).Kubeconfig()

	pod := scene.PodToReview(shared.Image(core2022))
	got := eventually(scene, 0, user, manifest(t, pod), "explain", "-f", "-", "-o", "wide")
	expect(t, got.out, "allowed on "+ws2022+" (Windows Server 2022)", "by policy "+scene.Namespace+" (Enforce)",
		"image \""+shared.Image(core2022)+"\"", "/spec/nodeSelector", "sha256:")
	scene.ExpectPlaced(pod, ws2022)

	refused := scene.PodToReview(shared.Image(nginx))
	got = eventually(scene, 1, user, manifest(t, refused), "explain", "-f", "-", "-o", "jsonpath={.status.denial.message}")
	scene.ExpectRefused(refused, got.out)
}

func TestObjectsOfTheClusterAreExplained(t *testing.T) {
	scene := newScene(t)
	scene.GivenBuilds(ws2022, ws2019)
	user := scene.GivenUser("developer", editor).Kubeconfig()
	scene.Deploy("web", 1, framework.Windows(shared.Image(core2019)))

	got := eventually(scene, 0, user, "", "explain", "-n", scene.Namespace, "deploy/web")
	expect(t, got.out, "Deployment "+scene.Namespace+"/web: allowed on "+ws2019)
	got = eventually(scene, 1, user, "", "explain", "-n", scene.Namespace, "deploy/web", "--retire", ws2019)
	expect(t, got.out, "would be refused by policy "+scene.Namespace, "Retired")

	var name string
	scene.Eventually("the pod runs", func(ctx context.Context) (bool, error) {
		pods, err := scene.User.CoreV1().Pods(scene.Namespace).List(ctx, metav1.ListOptions{FieldSelector: "spec.nodeName=" + framework.Node2019})
		if err != nil || len(pods.Items) == 0 {
			return false, err
		}
		name = pods.Items[0].Name
		return true, nil
	})
	got = eventually(scene, 0, user, "", "explain", "-n", scene.Namespace, "pod/"+name)
	expect(t, got.out, "allowed on "+ws2019, "on node "+framework.Node2019, "kubectl mullion explain -n "+scene.Namespace+" replicaset/web-")

	got = mullion(scene, user, "", "explain", "-n", scene.Namespace, "deploy/none")
	if got.code != 2 {
		t.Errorf("exit code %d", got.code)
	}
	expect(t, got.errOut, `deployments.apps "none" not found`)
}

func TestWhoMayNotAskIsToldHowToBeAllowedTo(t *testing.T) {
	scene := newScene(t)
	scene.GivenBuilds(ws2022)
	onlooker := scene.GivenUser("onlooker", viewer).Kubeconfig()
	scene.Deploy("web", 1, framework.Windows(shared.Image(core2022)))

	var got result
	scene.Eventually("only the review is forbidden", func(ctx context.Context) (bool, error) {
		got = mullionIn(ctx, scene, onlooker, "", "explain", "-n", scene.Namespace, "deploy/web")
		return strings.Contains(got.errOut, "you may not create placementreviews.placement.mullion.dev"), &unexpected{got}
	})
	if got.code != 2 {
		t.Errorf("exit code %d", got.code)
	}
	for line := range strings.SplitSeq(got.errOut, "\n") {
		command, found := strings.CutPrefix(line, "  kubectl ")
		if !found {
			continue
		}
		command = strings.ReplaceAll(command, "<user>", "onlooker-"+scene.Namespace)
		if _, err := shared.Cluster.Kubectl(t.Context(), nil, strings.Fields(command)...); err != nil {
			t.Fatal(err)
		}
	}
	got = eventually(scene, 0, onlooker, "", "explain", "-n", scene.Namespace, "deploy/web")
	// He may ask now, and still read no secrets.
	expect(t, got.out, "allowed on "+ws2022, "may not read secrets in namespace "+scene.Namespace)
}
