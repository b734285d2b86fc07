package manifests_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/test/manifests"
)

func TestMachinesTakeTheRightsOfTheirComponentsAndNoMore(t *testing.T) {
	without, err := manifests.Build("manifests/overlays/hosts")
	if err != nil {
		t.Fatal(err)
	}
	with, err := manifests.Build("test/manifests/testdata/machines")
	if err != nil {
		t.Fatal(err)
	}
	before := rights(t, without, "mullion-nodemanager")
	added := slices.DeleteFunc(rights(t, with, "mullion-nodemanager"), func(right string) bool { return slices.Contains(before, right) })
	want := []string{
		"cluster: get,list,watch,delete machines",
		"openshift-machine-api: create secrets",
		"openshift-machine-api: get,list,watch,delete machines",
		"openshift-machine-api: get,list,watch,patch secrets named windows-user-data",
	}
	if diff := cmp.Diff(want, added); diff != "" {
		t.Errorf("rights (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(rights(t, without, "mullion-webhook"), rights(t, with, "mullion-webhook")); diff != "" {
		t.Errorf("the webhook's rights (-want +got):\n%s", diff)
	}
}
