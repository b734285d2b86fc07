package openshift_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/mullion-dev/mullion/pkg/hostsource/openshift"
)

func TestWindowsMachinesAreToldByTheirLabel(t *testing.T) {
	api := openshift.API()
	for sentence, c := range map[string]struct {
		labels            labels.Set
		selected, ignored bool
	}{
		"Windows":          {labels.Set{"machine.openshift.io/os-id": "Windows"}, true, false},
		"Windows, ignored": {labels.Set{"machine.openshift.io/os-id": "Windows", "windowsmachineconfig.openshift.io/ignore": "true"}, true, true},
		"not ignored":      {labels.Set{"machine.openshift.io/os-id": "Windows", "windowsmachineconfig.openshift.io/ignore": "false"}, true, false},
		"in lower case":    {labels.Set{"machine.openshift.io/os-id": "windows"}, false, false},
		"no label":         {nil, false, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			if got := api.Selector.Matches(c.labels); got != c.selected {
				t.Errorf("selected %v", got)
			}
			if got := api.Ignored(c.labels); got != c.ignored {
				t.Errorf("ignored %v", got)
			}
		})
	}
}

func TestAzureIsToldByTheProvidersPart(t *testing.T) {
	for kind, want := range map[string]bool{
		"AzureMachineProviderSpec": true, "AWSMachineProviderConfig": false, "GCPMachineProviderSpec": false,
		"VSphereMachineProviderSpec": false, "NutanixMachineProviderConfig": false,
	} {
		machine := &unstructured.Unstructured{Object: map[string]any{
			"spec": map[string]any{"providerSpec": map[string]any{"value": map[string]any{"kind": kind}}},
		}}
		if got := openshift.API().Azure(machine); got != want {
			t.Errorf("%s: %v", kind, got)
		}
	}
	for _, strange := range []map[string]any{nil, {"spec": "text"}, {"spec": map[string]any{"providerSpec": map[string]any{"value": nil}}}} {
		if openshift.API().Azure(&unstructured.Unstructured{Object: strange}) {
			t.Errorf("%v is taken for Azure", strange)
		}
	}
}
