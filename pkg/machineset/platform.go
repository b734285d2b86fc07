package machineset

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// suffix is what a machine API adds to the name of a set to name a machine: a dash and five characters. What gets longer
// than a label is cut off before that, and machines of different sets look alike. Source: k8s.io/apiserver/pkg/storage/names,
// by which both machine APIs make names.
const suffix = 6

// hostname is the longest name that a machine may have: a node's labels hold it. Source: RFC 1123, 2.1; Kubernetes, "Labels
// and Selectors".
const hostname = 63

// netBIOS is the longest name of a computer that Windows takes where the platform gives it the machine's. Source:
// Microsoft, "Naming conventions in Active Directory"; Azure, "Naming rules": Microsoft.Compute/virtualMachines.
const netBIOS = 15

// platform is what a provider of machines demands.
type platform struct {
	// kind is that of the provider's part of a Machine.
	kind string
	// name is what people call it.
	name string
	// machine is the longest name of a machine, and why says whose limit that is.
	machine int
	why     string
}

// platforms are those on which Windows machines of OpenShift were met. Source: github.com/openshift/api, machine/v1beta1 and
// machine/v1; the names that each provider gives to computers.
func platforms() []platform {
	const (
		computerName = "computers there have the machine's name, and Windows takes 15 characters"
		nodeName     = "the machine's name has to fit into a label, which has 63 characters"
	)
	return []platform{
		{"AzureMachineProviderSpec", "Azure", netBIOS, computerName},
		{"VSphereMachineProviderSpec", "vSphere", netBIOS, computerName},
		{"AWSMachineProviderConfig", "AWS", hostname, nodeName},
		{"GCPMachineProviderSpec", "Google Cloud", hostname, nodeName},
		{"NutanixMachineProviderConfig", "Nutanix", hostname, nodeName},
	}
}

// tooLong says that the name of a set makes names of machines that are too long; empty where it does not. A machine's name
// is that of the set, and added characters.
func tooLong(set *unstructured.Unstructured, machine, added int, why string) string {
	limit := machine - added
	if len(set.GetName()) <= limit {
		return ""
	}
	return fmt.Sprintf("a %s of Windows machines may have a name of at most %d characters here, and this has %d: %s, of which %d are added to that of the %[1]s",
		set.GetKind(), limit, len(set.GetName()), why, added)
}
