package windowshost

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// newMachine stands for a machine.
func newMachine(name string) *unstructured.Unstructured {
	machine := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "machine.openshift.io/v1beta1", "kind": "Machine",
	}}
	machine.SetNamespace("openshift-machine-api")
	machine.SetName(name)
	machine.SetUID(types.UID("machine-" + name))
	return machine
}

func referenceTo(machine *unstructured.Unstructured) *v1alpha1.MachineReference {
	return &v1alpha1.MachineReference{
		APIVersion: machine.GetAPIVersion(), Kind: machine.GetKind(), Namespace: machine.GetNamespace(), Name: machine.GetName(),
	}
}
