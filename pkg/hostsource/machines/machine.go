package machines

import (
	"cmp"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

const (
	// administrator is the user of Windows that exists everywhere but on Azure.
	administrator = "Administrator"
	// azureUser is the administrator that the machine APIs make on Azure, where none may be called Administrator. Source:
	// github.com/openshift/machine-api-provider-azure, sigs.k8s.io/cluster-api-provider-azure: the default user of VMs.
	azureUser = "capi"
)

// API says how a machine API shows Windows machines.
type API struct {
	// Source is the value of mullion.dev/source on WindowsHosts that are made of its Machines.
	Source string
	// Group and Versions are where kind Machine is, the newest version first.
	Group    string
	Versions []string
	// Namespace is where Machines are; empty where they are in several namespaces.
	Namespace string
	// Selector selects the Windows machines of this cluster.
	Selector labels.Selector
	// Ignored tells of a selected Machine that it is to be left alone; nil ignores none.
	Ignored func(labels labels.Set) bool
	// Azure tells that a Machine is one of Azure.
	Azure func(machine *unstructured.Unstructured) bool
}

// kind is the kind Machine in a version.
func (a *API) kind(version string) schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: a.Group, Version: version, Kind: "Machine"}
}

// machine is what a WindowsHost is made of.
type machine struct {
	machineContent
	// platformUser is the administrator that its platform makes.
	platformUser string
}

// machineContent is what matters of the object, which is called the same in all machine APIs.
type machineContent struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Status struct {
		Phase     string               `json:"phase"`
		Addresses []corev1.NodeAddress `json:"addresses"`
	} `json:"status"`
}

// read decodes what matters of a Machine.
func (a *API) read(object *unstructured.Unstructured) (*machine, error) {
	m := &machine{platformUser: administrator}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &m.machineContent); err != nil {
		return nil, err
	}
	if a.Azure != nil && a.Azure(object) {
		m.platformUser = azureUser
	}
	return m, nil
}

// running tells that the machine was made and may be logged in to.
func (m *machine) running() bool {
	return slices.Contains([]string{"Provisioned", "Running", "Updating"}, m.Status.Phase)
}

// address is where the machine is reached from within the cluster's network: its IPv4 address, else an IPv6 address, else
// its name. Empty where it has none yet.
func (m *machine) address() string {
	var found, name string
	for _, a := range m.Status.Addresses {
		switch a.Type {
		case corev1.NodeInternalIP:
			address, err := netip.ParseAddr(a.Address)
			if err != nil || address.IsLinkLocalUnicast() || address.IsLoopback() {
				continue // What a machine has for itself, such as 169.254.0.0/16 while DHCP is silent.
			}
			if address.Is4() {
				return address.String()
			}
			if found == "" {
				found = address.String()
			}
		case corev1.NodeInternalDNS:
			if name == "" {
				name = a.Address
			}
		}
	}
	return cmp.Or(found, name)
}

// user is as whom to log in.
func (m *machine) user() string {
	return cmp.Or(m.Annotations[v1alpha1.AnnotationUser], m.platformUser)
}
