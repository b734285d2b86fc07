package clusterstate

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/mullion-dev/mullion/pkg/policy"
)

func TestAStrippedNodeIsTheSameToPlacement(t *testing.T) {
	whole := cloudNode(7)
	want := policy.FromNode(whole.DeepCopy())
	object, err := ForPlacement.strip(whole)
	if err != nil {
		t.Fatal(err)
	}
	stripped := object.(*corev1.Node)
	if diff := cmp.Diff(want, policy.FromNode(stripped)); diff != "" {
		t.Errorf("stripping changed the node (-before +after):\n%s", diff)
	}
	if stripped.ResourceVersion == "" || stripped.UID == "" {
		t.Error("stripping lost what informers tell objects apart by")
	}
	if len(stripped.Status.Images) != 0 || len(stripped.Annotations) != 0 || len(stripped.Status.Conditions) != 1 || stripped.Status.Capacity != nil {
		t.Errorf("stripping left %+v", stripped)
	}
	again, err := ForPlacement.strip(stripped.DeepCopy())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(stripped, again); diff != "" {
		t.Errorf("stripping twice changes the node again:\n%s", diff)
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
