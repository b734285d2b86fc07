package clusterapi_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/mullion-dev/mullion/pkg/hostsource/clusterapi"
)

func TestMachinesOfThisClusterThatAreForWindowsAreFollowed(t *testing.T) {
	api, err := clusterapi.API("production", "")
	if err != nil {
		t.Fatal(err)
	}
	for sentence, c := range map[string]struct {
		labels labels.Set
		want   bool
	}{
		"ours, for Windows":     {labels.Set{"cluster.x-k8s.io/cluster-name": "production", "mullion.dev/os": "windows"}, true},
		"ours, of no system":    {labels.Set{"cluster.x-k8s.io/cluster-name": "production"}, false},
		"another cluster's":     {labels.Set{"cluster.x-k8s.io/cluster-name": "staging", "mullion.dev/os": "windows"}, false},
		"of no cluster, so far": {labels.Set{"mullion.dev/os": "windows"}, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			if got := api.Selector.Matches(c.labels); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestWithoutAClusterNothingIsFollowed(t *testing.T) {
	if _, err := clusterapi.API("", "default"); err == nil {
		t.Error("it is")
	}
}

func TestAzureIsToldByTheInfrastructure(t *testing.T) {
	api, err := clusterapi.API("production", "")
	if err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[string]bool{"AzureMachine": true, "AWSMachine": false, "VSphereMachine": false, "": false} {
		machine := &unstructured.Unstructured{Object: map[string]any{
			"spec": map[string]any{"infrastructureRef": map[string]any{"kind": kind}},
		}}
		if got := api.Azure(machine); got != want {
			t.Errorf("%q: %v", kind, got)
		}
	}
}
