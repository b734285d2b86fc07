package machineset_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// change sets a field of a set, or removes it where the value is nil.
func change(value any, fields ...string) func(*unstructured.Unstructured) {
	return func(set *unstructured.Unstructured) {
		if value == nil {
			unstructured.RemoveNestedField(set.Object, fields...)
		} else if err := unstructured.SetNestedField(set.Object, value, fields...); err != nil {
			panic(err)
		}
	}
}

func provider(value any, fields ...string) func(*unstructured.Unstructured) {
	return change(value, append([]string{"spec", "template", "spec", "providerSpec", "value"}, fields...)...)
}

func templateLabels(labels map[string]any) func(*unstructured.Unstructured) {
	return change(labels, "spec", "template", "metadata", "labels")
}

func named(name string) func(*unstructured.Unstructured) { return change(name, "metadata", "name") }

// onAzure is a good MachineSet of OpenShift.
func onAzure(changes ...func(*unstructured.Unstructured)) *unstructured.Unstructured {
	set := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "machine.openshift.io/v1beta1",
		"kind":       "MachineSet",
		"metadata":   map[string]any{"namespace": "openshift-machine-api", "name": "winworker"},
		"spec": map[string]any{
			"replicas": int64(1),
			"template": map[string]any{
				"metadata": map[string]any{"labels": map[string]any{"machine.openshift.io/os-id": "Windows"}},
				"spec": map[string]any{"providerSpec": map[string]any{"value": map[string]any{
					"kind":           "AzureMachineProviderSpec",
					"osDisk":         map[string]any{"osType": "Windows"},
					"userDataSecret": map[string]any{"name": "windows-user-data"},
				}}},
			},
		},
	}}
	for _, c := range changes {
		c(set)
	}
	return set
}

// ofClusterAPI is a good set of Cluster API.
func ofClusterAPI(kind string, changes ...func(*unstructured.Unstructured)) *unstructured.Unstructured {
	set := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "cluster.x-k8s.io/v1beta2",
		"kind":       kind,
		"metadata":   map[string]any{"namespace": "fleet", "name": "windows"},
		"spec": map[string]any{"template": map[string]any{
			"metadata": map[string]any{"labels": map[string]any{"mullion.dev/os": "windows"}},
			"spec":     map[string]any{"bootstrap": map[string]any{"dataSecretName": "windows-user-data"}},
		}},
	}}
	for _, c := range changes {
		c(set)
	}
	return set
}

func encoded(t *testing.T, set *unstructured.Unstructured) []byte {
	t.Helper()
	raw, err := set.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
