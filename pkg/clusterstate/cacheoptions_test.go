package clusterstate

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/mullion-dev/mullion/pkg/policy"
)

func TestAStrippedNodeIsTheSameToPlacement(t *testing.T) {
	for sentence, detail := range map[string]Detail{"held for placement": ForPlacement, "held for hosts": ForHosts} {
		t.Run(sentence, func(t *testing.T) {
			whole := cloudNode(7)
			want := compact(whole.DeepCopy())
			stripped, err := detail.strip(whole)
			if err != nil {
				t.Fatal(err)
			}
			if got := partOf(t, stripped); !got.Equal(want) {
				t.Errorf("stripping changed the node from %+v to %+v", want, got)
			}
			held, err := meta.Accessor(stripped)
			if err != nil {
				t.Fatal(err)
			}
			if held.GetName() != "akswin000007" || held.GetResourceVersion() != "1000007" {
				t.Errorf("informers know it as %q of version %q", held.GetName(), held.GetResourceVersion())
			}
			again, err := detail.strip(stripped)
			if err != nil {
				t.Fatal(err)
			}
			if !partOf(t, again).Equal(want) {
				t.Error("stripping twice changes the node again")
			}
		})
	}
}

// partOf is what a tracker takes of an object of a cache.
func partOf(t *testing.T, object any) *policy.CompactNode {
	t.Helper()
	switch held := object.(type) {
	case *corev1.Node:
		return compact(held)
	case *nodeRecord:
		return held.node.Load()
	default:
		t.Fatalf("a %T is no node", object)
		return nil
	}
}

func TestAHeartbeatLeavesNoSecondCopyOfANode(t *testing.T) {
	tracker := newTracker(t)
	first, second := newRecord(cloudNode(7)), newRecord(cloudNode(7))
	tracker.putNode(first)
	tracker.putNode(second)
	if first.node.Load() != second.node.Load() {
		t.Error("the cache holds another copy than the tracker")
	}
	changed := cloudNode(7)
	changed.Spec.Unschedulable = true
	third := newRecord(changed)
	tracker.putNode(third)
	if third.node.Load() == first.node.Load() {
		t.Error("the tracker goes on with a node that has changed since")
	}
}

func TestANodeIsHeldForHostsWithWhatTheyGoBy(t *testing.T) {
	whole := cloudNode(7)
	whole.Annotations = map[string]string{"mullion.dev/host": "prod/win-1"}
	whole.Status.NodeInfo.KubeletVersion = "v1.36.3"
	for i := range whole.Status.Conditions {
		whole.Status.Conditions[i].Message = "kubelet is posting ready status"
	}
	want := whole.DeepCopy()
	object, err := ForHosts.strip(whole)
	if err != nil {
		t.Fatal(err)
	}
	held := object.(*corev1.Node)
	if diff := cmp.Diff(want.Annotations, held.Annotations); diff != "" {
		t.Errorf("annotations (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.Status.Addresses, held.Status.Addresses); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
	if held.Status.NodeInfo.KubeletVersion != "v1.36.3" || held.Status.Conditions[0].Message == "" || len(held.Status.Images) != 0 {
		t.Errorf("it is held as %+v", held.Status)
	}
	if held.ResourceVersion == "" || held.UID == "" || len(held.Status.Conditions) != 1 || held.Status.Capacity != nil {
		t.Errorf("it is held as %+v", held)
	}
	if _, err := ForHosts.strip(&corev1.Node{}); err != nil {
		t.Error("a node without a condition is not held")
	}
}

func TestAStrippedNamespaceKeepsItsLabels(t *testing.T) {
	whole := namespace("shop", map[string]string{"team": "a"})
	whole.ResourceVersion = "7"
	whole.Annotations = map[string]string{"kubectl.kubernetes.io/last-applied-configuration": "{}"}
	whole.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "kubectl"}}
	want := namespace("shop", map[string]string{"team": "a"})
	want.ResourceVersion = "7"
	got, err := stripNamespace(whole)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(any(want), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheCacheHoldsWindowsNodesOnly(t *testing.T) {
	for object, options := range CacheOptions(ForPlacement).ByObject {
		if _, isNode := object.(*corev1.Node); !isNode {
			continue
		}
		if !options.Label.Matches(labels.Set(node("a", build2022).Labels)) {
			t.Error("a Windows node is not in the cache")
		}
		if options.Label.Matches(labels.Set{corev1.LabelOSStable: "linux"}) {
			t.Error("a Linux node is in the cache")
		}
		return
	}
	t.Error("the cache has no options for nodes")
}
