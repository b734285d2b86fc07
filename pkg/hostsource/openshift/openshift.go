// Package openshift makes WindowsHosts of the Windows Machines of OpenShift's machine API, which are those with the label
// machine.openshift.io/os-id and the value Windows. The label windowsmachineconfig.openshift.io/ignore, with the value true,
// leaves one alone, as in the Windows Machine Config Operator.
package openshift

import (
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostsource/machines"
)

const (
	// Source is the value of mullion.dev/source on the WindowsHosts.
	Source = "openshift-machines"
	// Namespace is where OpenShift has its Machines.
	Namespace = "openshift-machine-api"
	// LabelOS and OSWindows tell that a Machine is for Windows.
	LabelOS   = "machine.openshift.io/os-id"
	OSWindows = "Windows"
)

// API is OpenShift's machine API. Source: github.com/openshift/api, machine/v1beta1.
func API() machines.API {
	return machines.API{
		Source:    Source,
		Group:     "machine.openshift.io",
		Versions:  []string{"v1beta1"},
		Namespace: Namespace,
		Selector:  labels.SelectorFromSet(labels.Set{LabelOS: OSWindows}),
		Ignored:   func(of labels.Set) bool { return of[v1alpha1.LabelIgnore] == "true" },
		Azure:     azure,
	}
}

// azure tells it by the kind of the provider's part, which is AzureMachineProviderSpec there.
func azure(machine *unstructured.Unstructured) bool {
	kind, _, err := unstructured.NestedString(machine.Object, "spec", "providerSpec", "value", "kind")
	return err == nil && strings.HasPrefix(kind, "Azure")
}
