package openshift

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// newSet is a MachineSet of AWS.
func newSet(name, osID, userData string) *unstructured.Unstructured {
	set := newObject("MachineSet", name)
	set.Object["spec"] = map[string]any{
		"replicas": int64(1),
		"template": map[string]any{
			"metadata": map[string]any{"labels": map[string]any{"machine.openshift.io/os-id": osID}},
			"spec": map[string]any{"providerSpec": map[string]any{"value": map[string]any{
				"kind": "AWSMachineProviderConfig", "userDataSecret": map[string]any{"name": userData},
			}}},
		},
	}
	return set
}

func TestASetWhoseMachinesCouldNotBecomeNodesIsRefused(t *testing.T) {
	s := &scene{Scene: shared.NewScene(t)}
	good := newSet("windows", "Windows", "windows-user-data")
	s.create(good)
	s.create(newSet("linux", "", "worker-user-data"))
	for sentence, c := range map[string]struct {
		set  *unstructured.Unstructured
		want string
	}{
		"its machines would let nobody in": {newSet("closed", "Windows", "worker-user-data"), "set it to windows-user-data"},
		"nobody would look after them":     {newSet("unlabelled", "windows", "windows-user-data"), "set it to Windows"},
	} {
		t.Run(sentence, func(t *testing.T) {
			err := s.Client.Create(t.Context(), c.set)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	patch := func(patch string) error {
		return s.Client.Patch(t.Context(), good.DeepCopy(), client.RawPatch(types.MergePatchType, []byte(patch)))
	}
	if err := patch(`{"spec":{"replicas":0}}`); err != nil {
		t.Errorf("it cannot be scaled: %v", err)
	}
	err := patch(`{"spec":{"template":{"spec":{"providerSpec":{"value":{"userDataSecret":{"name":"other"}}}}}}}`)
	if err == nil || !strings.Contains(err.Error(), "set it to windows-user-data") {
		t.Errorf("a change for the worse: %v", err)
	}
}
