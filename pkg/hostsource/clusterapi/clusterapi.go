// Package clusterapi makes WindowsHosts of the Windows Machines of Cluster API.
//
// Cluster API has no word for the operating system of a Machine. Here it is the label mullion.dev/os with the value windows,
// which a MachineDeployment gives its Machines in spec.template.metadata.labels. A management cluster has the Machines of
// many clusters: those of one cluster are followed, which is the one that the hosts join.
package clusterapi

import (
	"errors"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostsource/machines"
)

const (
	// Source is the value of mullion.dev/source on the WindowsHosts.
	Source = "cluster-api-machines"
	// LabelCluster on a Machine is the name of its cluster. Cluster API sets it.
	LabelCluster = "cluster.x-k8s.io/cluster-name"
	// OSWindows is the value of mullion.dev/os on Windows machines.
	OSWindows = "windows"
)

// API is Cluster API, for the Machines of one cluster. Namespace is where they are; empty is anywhere. Source:
// sigs.k8s.io/cluster-api, api/core.
func API(cluster, namespace string) (machines.API, error) {
	if cluster == "" {
		return machines.API{}, errors.New("following Machines of Cluster API needs the name of this cluster: others' may be beside them")
	}
	return machines.API{
		Source:    Source,
		Group:     "cluster.x-k8s.io",
		Versions:  []string{"v1beta2", "v1beta1"},
		Namespace: namespace,
		Selector:  labels.SelectorFromSet(labels.Set{LabelCluster: cluster, v1alpha1.LabelOS: OSWindows}),
		Azure:     azure,
	}, nil
}

// azure tells it by the kind of the infrastructure, which is AzureMachine there.
func azure(machine *unstructured.Unstructured) bool {
	kind, _, err := unstructured.NestedString(machine.Object, "spec", "infrastructureRef", "kind")
	return err == nil && strings.HasPrefix(kind, "Azure")
}
