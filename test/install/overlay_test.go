package install

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

const testPort = 12345

// render returns the objects of the shipped and the local kustomization, by kind and name.
func render(t *testing.T, o Options) (shipped, local map[string]map[string]any) {
	t.Helper()
	root, err := findRoot("")
	if err != nil {
		t.Fatal(err)
	}
	o.Root = root
	folders, err := writeKustomizations(o, ports{admission: testPort, policyAPI: testPort + 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(folders.remove)
	return build(t, folders.shipped), build(t, folders.local)
}

func build(t *testing.T, folder string) map[string]map[string]any {
	t.Helper()
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		t.Fatal(err)
	}
	objects := map[string]map[string]any{}
	for _, resource := range resources.Resources() {
		object, err := resource.Map()
		if err != nil {
			t.Fatal(err)
		}
		objects[resource.GetKind()+"/"+resource.GetName()] = object
	}
	return objects
}

func TestWhatIsAppliedIsWhatIsShippedButForTheWebhooksPorts(t *testing.T) {
	shipped, local := render(t, Options{})
	for key := range shipped {
		kind, _, _ := strings.Cut(key, "/")
		if slices.Contains([]string{"Deployment", "NetworkPolicy", "PodDisruptionBudget"}, kind) {
			delete(shipped, key)
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(shipped)), slices.Sorted(maps.Keys(local))); diff != "" {
		t.Fatalf("objects applied (-shipped +local):\n%s", diff)
	}
	shipped["Service/mullion-webhook"]["spec"] = map[string]any{
		"type":         "ExternalName",
		"externalName": "localhost",
		"ports": []any{
			map[string]any{"name": "https", "port": testPort}, map[string]any{"name": "policy-api", "port": testPort + 1},
		},
	}
	apiService := shipped["APIService/v1alpha1.placement.mullion.dev"]["spec"].(map[string]any)
	apiService["service"].(map[string]any)["port"] = testPort + 1
	for _, key := range []string{"MutatingWebhookConfiguration/00-mullion", "ValidatingWebhookConfiguration/mullion"} {
		for _, webhook := range shipped[key]["webhooks"].([]any) {
			config := webhook.(map[string]any)["clientConfig"].(map[string]any)
			config["service"].(map[string]any)["port"] = testPort
		}
	}
	if diff := cmp.Diff(shipped, local); diff != "" {
		t.Errorf("applied (-want +got):\n%s", diff)
	}
}

func TestAPIServersThatCallThemselvesFindTheirOwnPort(t *testing.T) {
	shipped, local := render(t, Options{Overlay: AggregatedAdmission})
	for _, key := range []string{"MutatingWebhookConfiguration/00-mullion", "ValidatingWebhookConfiguration/mullion"} {
		if diff := cmp.Diff(shipped[key], local[key]); diff != "" {
			t.Errorf("%s applied (-shipped +local):\n%s", key, diff)
		}
	}
}

func TestComponentsAreAppliedToo(t *testing.T) {
	_, local := render(t, Options{Components: []string{"manifests/components/no-pull-secrets"}})
	if _, there := local["ClusterRole/mullion-webhook-pull-secrets"]; there {
		t.Error("the right to read pull secrets is still there")
	}
}
