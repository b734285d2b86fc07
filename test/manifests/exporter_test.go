package manifests_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/mullion-dev/mullion/test/manifests"
)

// The Service is made by the node manager: pkg/exporter has its labels and the name of its port.
func TestTheMonitorOfWindowsHostsFindsWhatTheNodeManagerKeeps(t *testing.T) {
	objects, err := manifests.Build("test/manifests/testdata/everything")
	if err != nil {
		t.Fatal(err)
	}
	var monitor unstructured.Unstructured
	for _, object := range objects {
		if object.GetKind() == "ServiceMonitor" && object.GetName() == "windows-exporter" {
			monitor = *object
		}
	}
	want := map[string]any{
		"serviceDiscoveryRole": "EndpointSlice",
		"selector": map[string]any{"matchLabels": map[string]any{
			"app.kubernetes.io/name": "windows-exporter", "app.kubernetes.io/managed-by": "mullion",
		}},
		"endpoints": []any{map[string]any{
			"port": "metrics", "scheme": "https",
			"tlsConfig": map[string]any{"ca": map[string]any{"configMap": map[string]any{"name": "kube-root-ca.crt", "key": "ca.crt"}}},
		}},
	}
	if diff := cmp.Diff(want, monitor.Object["spec"]); diff != "" {
		t.Errorf("spec (-want +got):\n%s", diff)
	}
}
