package drain

import (
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clienttesting "k8s.io/client-go/testing"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// windowsNode is node win-1, cordoned or not, with a reason of ours or without.
func windowsNode(unschedulable bool, reason ...string) *corev1.Node {
	node := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: "win-1", ResourceVersion: "7", Annotations: map[string]string{"other": "stays"}},
		Spec:       corev1.NodeSpec{Unschedulable: unschedulable},
	}
	if len(reason) > 0 {
		node.Annotations[v1alpha1.AnnotationCordonedBy] = reason[0]
	}
	return node
}

// writes counts the writes that a cluster was asked for.
func (c *cluster) writes() int {
	n := 0
	for _, action := range c.Actions() {
		if action.GetVerb() == "patch" {
			n++
		}
	}
	return n
}

func TestCordoning(t *testing.T) {
	for sentence, c := range map[string]struct {
		node   *corev1.Node
		byUs   bool
		reason string
		writes int
	}{
		"a node that is not cordoned is, with the reason":         {windowsNode(false), true, "upgrade", 1},
		"an administrator's cordon is left and not claimed":       {windowsNode(true), false, "", 0},
		"our own cordon is there already":                         {windowsNode(true, "upgrade"), true, "upgrade", 0},
		"our own cordon gets another reason":                      {windowsNode(true, "reboot"), true, "upgrade", 1},
		"our own cordon that somebody took back is made again":    {windowsNode(false, "upgrade"), true, "upgrade", 1},
		"our own cordon with an empty reason is no one else's":    {windowsNode(true, ""), true, "upgrade", 1},
		"our annotation alone is no cordon, and is made to be so": {windowsNode(false, "reboot"), true, "upgrade", 1},
	} {
		t.Run(sentence, func(t *testing.T) {
			cluster := newCluster(t, c.node)
			for range 2 { // The second is that of a process that was started after a crash.
				byUs, err := cluster.drainer.Cordon(t.Context(), "win-1", "upgrade")
				if err != nil || byUs != c.byUs {
					t.Fatalf("by us: %v, %v", byUs, err)
				}
			}
			node := cluster.node(t)
			if !node.Spec.Unschedulable || node.Annotations[v1alpha1.AnnotationCordonedBy] != c.reason || node.Annotations["other"] != "stays" {
				t.Errorf("unschedulable %v, annotations %v", node.Spec.Unschedulable, node.Annotations)
			}
			if got := cluster.writes(); got != c.writes {
				t.Errorf("%d writes, want %d", got, c.writes)
			}
		})
	}
}

func TestUncordoning(t *testing.T) {
	for sentence, c := range map[string]struct {
		node          *corev1.Node
		unschedulable bool
		writes        int
	}{
		"our own cordon is taken back":                         {windowsNode(true, "upgrade"), false, 1},
		"an administrator's cordon survives":                   {windowsNode(true), true, 0},
		"nothing is done to a node that is not cordoned":       {windowsNode(false), false, 0},
		"what is left of a cordon taken back by somebody goes": {windowsNode(false, "upgrade"), false, 1},
	} {
		t.Run(sentence, func(t *testing.T) {
			cluster := newCluster(t, c.node)
			for range 2 {
				if err := cluster.drainer.Uncordon(t.Context(), "win-1"); err != nil {
					t.Fatal(err)
				}
			}
			node := cluster.node(t)
			if _, ours := node.Annotations[v1alpha1.AnnotationCordonedBy]; ours || node.Spec.Unschedulable != c.unschedulable || node.Annotations["other"] != "stays" {
				t.Errorf("unschedulable %v, annotations %v", node.Spec.Unschedulable, node.Annotations)
			}
			if got := cluster.writes(); got != c.writes {
				t.Errorf("%d writes, want %d", got, c.writes)
			}
		})
	}
}

func TestTheAdministratorWhoCordonsInTheSameMomentKeepsTheCordon(t *testing.T) {
	cluster := newCluster(t, windowsNode(false))
	first := true
	cluster.PrependReactor("patch", "nodes", func(action clienttesting.Action) (bool, runtime.Object, error) {
		if !first {
			return false, nil, nil
		}
		first = false
		if err := cluster.Tracker().Update(action.GetResource(), windowsNode(true), ""); err != nil {
			return true, nil, err
		}
		return true, nil, apierrors.NewConflict(schema.GroupResource{Resource: "nodes"}, "win-1", errors.New("the node was changed"))
	})
	byUs, err := cluster.drainer.Cordon(t.Context(), "win-1", "upgrade")
	if err != nil || byUs {
		t.Errorf("by us: %v, %v", byUs, err)
	}
	if _, ours := cluster.node(t).Annotations[v1alpha1.AnnotationCordonedBy]; ours {
		t.Error("the cordon was claimed")
	}
}

func TestAPatchHoldsForTheNodeThatWasLookedAtOnly(t *testing.T) {
	cluster := newCluster(t, windowsNode(false))
	if _, err := cluster.drainer.Cordon(t.Context(), "win-1", "upgrade"); err != nil {
		t.Fatal(err)
	}
	for _, action := range cluster.Actions() {
		if patch, ok := action.(clienttesting.PatchAction); ok {
			const want = `{"metadata":{"annotations":{"mullion.dev/cordoned":"upgrade"},"resourceVersion":"7"},"spec":{"unschedulable":true}}`
			if got := string(patch.GetPatch()); got != want {
				t.Errorf("got %s\nwant %s", got, want)
			}
		}
	}
}

func TestAWriteThatWasMadeWithoutItsAnswerIsFoundOut(t *testing.T) {
	cluster := newCluster(t, windowsNode(false))
	broken := errors.New("connection reset")
	cluster.PrependReactor("patch", "nodes", func(action clienttesting.Action) (bool, runtime.Object, error) {
		if broken == nil {
			return false, nil, nil
		}
		if err := cluster.Tracker().Update(action.GetResource(), windowsNode(true, "upgrade"), ""); err != nil {
			return true, nil, err
		}
		defer func() { broken = nil }()
		return true, nil, broken
	})
	if _, err := cluster.drainer.Cordon(t.Context(), "win-1", "upgrade"); err == nil {
		t.Fatal("the broken connection is no error")
	}
	byUs, err := cluster.drainer.Cordon(t.Context(), "win-1", "upgrade")
	if err != nil || !byUs {
		t.Errorf("by us: %v, %v", byUs, err)
	}
	if got := cluster.writes(); got != 1 {
		t.Errorf("%d writes", got)
	}
}

func TestANodeThatIsGone(t *testing.T) {
	cluster := newCluster(t)
	if _, err := cluster.drainer.Cordon(t.Context(), "win-1", "upgrade"); !apierrors.IsNotFound(err) {
		t.Errorf("cordoning: %v", err)
	}
	if err := cluster.drainer.Uncordon(t.Context(), "win-1"); err != nil {
		t.Errorf("uncordoning: %v", err)
	}
}

func TestANodeThatCannotBeChangedIsAnError(t *testing.T) {
	cluster := newCluster(t, windowsNode(true, "upgrade"))
	cluster.PrependReactor("patch", "nodes", func(clienttesting.Action) (bool, runtime.Object, error) {
		return true, nil, errors.New("no etcd")
	})
	if _, err := cluster.drainer.Cordon(t.Context(), "win-1", "reboot"); err == nil || err.Error() != "cordoning node win-1: no etcd" {
		t.Errorf("got %v", err)
	}
	if err := cluster.drainer.Uncordon(t.Context(), "win-1"); err == nil || err.Error() != "uncordoning node win-1: no etcd" {
		t.Errorf("got %v", err)
	}
}
