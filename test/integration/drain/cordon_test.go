package drain_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/drain"
	"github.com/mullion-dev/mullion/test/integration/framework"
)

// cordon cordons a node, which must not be cordoned yet.
func cordon(scene *framework.Scene, d *drain.Drainer, node string) {
	scene.T.Helper()
	byUs, err := d.Cordon(scene.T.Context(), node, "test")
	if err != nil || !byUs {
		scene.T.Fatalf("cordoned by us: %v, %v", byUs, err)
	}
}

func nodeOf(t *testing.T, name string) *corev1.Node {
	t.Helper()
	node, err := shared.Kube.CoreV1().Nodes().Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return node
}

func TestAnAdministratorsCordonSurvivesADrain(t *testing.T) {
	scene := shared.NewScene(t)
	addNode(t, "cordon-a", "cordon")
	deploy(scene, "web", 1, inPool("cordon"))
	if _, err := shared.Cluster.Kubectl(t.Context(), nil, "cordon", "cordon-a"); err != nil {
		t.Fatal(err)
	}
	drainer := newDrainer(t, 0)
	byUs, err := drainer.Cordon(t.Context(), "cordon-a", "upgrade")
	if err != nil || byUs {
		t.Fatalf("cordoned by us: %v, %v", byUs, err)
	}
	stepUntil(scene, drainer, "cordon-a", usual(), "the node is drained", done)
	if err := drainer.Uncordon(t.Context(), "cordon-a"); err != nil {
		t.Fatal(err)
	}
	node := nodeOf(t, "cordon-a")
	if _, ours := node.Annotations[v1alpha1.AnnotationCordonedBy]; ours || !node.Spec.Unschedulable {
		t.Errorf("unschedulable %v, annotations %v", node.Spec.Unschedulable, node.Annotations)
	}
}

func TestOurCordonIsTakenBackUnlessAnAdministratorHasMadeItTheirs(t *testing.T) {
	addNode(t, "ours-a", "ours")
	scene := shared.NewScene(t)
	drainer := newDrainer(t, 0)

	cordon(scene, drainer, "ours-a")
	if node := nodeOf(t, "ours-a"); !node.Spec.Unschedulable || node.Annotations[v1alpha1.AnnotationCordonedBy] != "test" {
		t.Errorf("unschedulable %v, annotations %v", node.Spec.Unschedulable, node.Annotations)
	}
	if err := drainer.Uncordon(t.Context(), "ours-a"); err != nil {
		t.Fatal(err)
	}
	if node := nodeOf(t, "ours-a"); node.Spec.Unschedulable {
		t.Error("the node is cordoned still")
	}

	cordon(scene, drainer, "ours-a")
	if _, err := shared.Cluster.Kubectl(t.Context(), nil, "annotate", "node", "ours-a", v1alpha1.AnnotationCordonedBy+"-"); err != nil {
		t.Fatal(err)
	}
	if err := drainer.Uncordon(t.Context(), "ours-a"); err != nil {
		t.Fatal(err)
	}
	if node := nodeOf(t, "ours-a"); !node.Spec.Unschedulable {
		t.Error("the administrator's cordon was taken back")
	}
}
