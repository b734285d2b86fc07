package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// WindowsHost is a Windows Server that is, or is to become, a node of the cluster. It is made by an administrator, or
// by a source such as the ConfigMap windows-instances. What runs on the host follows from its build, by the
// WindowsBuildPolicy that offers the build. Deleting it gives the host back as it was.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Namespaced,shortName=wh,categories=mullion
// +kubebuilder:printcolumn:name="Address",type=string,JSONPath=`.spec.address`
// +kubebuilder:printcolumn:name="Build",type=string,JSONPath=`.status.facts.build`
// +kubebuilder:printcolumn:name="Node",type=string,JSONPath=`.status.node.name`
// +kubebuilder:printcolumn:name="Phase",type=string,JSONPath=`.status.phase`
// +kubebuilder:printcolumn:name="Because",type=string,JSONPath=`.status.message`
// +kubebuilder:printcolumn:name="Step",type=string,JSONPath=`.status.step`,priority=1
// +kubebuilder:printcolumn:name="UpToDate",type=string,JSONPath=`.status.conditions[?(@.type=="UpToDate")].status`,priority=1
// +kubebuilder:printcolumn:name="Config",type=string,JSONPath=`.status.applied.nodeConfig`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type WindowsHost struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what the administrator wants.
	// +required
	Spec WindowsHostSpec `json:"spec"`

	// status is what is known of the host, and what is done with it.
	// +optional
	Status WindowsHostStatus `json:"status,omitempty"`
}

// WindowsHostList is a list of WindowsHost.
//
// +kubebuilder:object:root=true
type WindowsHostList struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard list's metadata.
	// +optional
	metav1.ListMeta `json:"metadata,omitempty"`
	// items are the hosts.
	Items []WindowsHost `json:"items"`
}

// WindowsHostSpec says how a host is reached, and what is to become of it.
//
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.machine) || has(self.machine)",message="machine cannot be removed: it says who made the host"
type WindowsHostSpec struct {
	// address is the IP address or DNS name at which the host is reached.
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9]([-A-Za-z0-9.:]*[A-Za-z0-9])?$`
	// +kubebuilder:validation:MaxLength=253
	// +required
	Address string `json:"address"`

	// port is the TCP port of SSH.
	// +kubebuilder:default=22
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	// +optional
	Port int32 `json:"port,omitempty"`

	// user is the administrator of the host as whom to log in.
	// +kubebuilder:validation:Pattern=`^[^"/\\\[\]:;|=,+*?<>@\s]+$`
	// +kubebuilder:validation:MaxLength=64
	// +required
	User string `json:"user"`

	// keySecret names a Secret in the host's namespace with the private keys to log in with. Without it, it is
	// the one that the node manager was started with, cloud-private-key by default.
	// +optional
	KeySecret *SecretReference `json:"keySecret,omitempty"`

	// hostKeys says on which grounds the host is believed to be the right one. Without any, nothing is done
	// with the host but to say which key it shows.
	// +optional
	HostKeys HostKeyTrust `json:"hostKeys,omitempty,omitzero"`

	// jump is a host to go through.
	// +optional
	Jump *JumpHost `json:"jump,omitempty"`

	// nodeName is the name of the node, and the host's name if it is another. Without it, the node has the
	// host's own name.
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="nodeName cannot be changed: delete the host and make it anew"
	// +optional
	NodeName string `json:"nodeName,omitempty"`

	// policy names the WindowsBuildPolicy that the host lives under. Without it, it is the one with the highest
	// priority, then the first by name, of those that have a nodeConfigRef for the host's build.
	// +kubebuilder:validation:MaxLength=253
	// +optional
	Policy string `json:"policy,omitempty"`

	// nodeConfigRef names a WindowsNodeConfig for this host alone, such as to try one. Without it, it is that of
	// the policy for the host's build.
	// +optional
	NodeConfigRef *NodeConfigReference `json:"nodeConfigRef,omitempty"`

	// machine is the object that stands for the machine where something else makes and removes it, such as a
	// Machine of Cluster API or OpenShift.
	// +optional
	Machine *MachineReference `json:"machine,omitempty"`

	// paused leaves the host as it is: it is looked at, and nothing is changed. Deleting it still gives it back.
	// +optional
	Paused bool `json:"paused,omitempty"`
}

// SecretReference names a Secret in the same namespace.
type SecretReference struct {
	// name is the Secret's name.
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`
	// +kubebuilder:validation:MaxLength=253
	// +required
	Name string `json:"name"`
}

// NodeConfigReference names a WindowsNodeConfig.
type NodeConfigReference struct {
	// name is the WindowsNodeConfig's name.
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`
	// +kubebuilder:validation:MaxLength=253
	// +required
	Name string `json:"name"`
}

// MachineReference names the object that stands for a machine, in the host's namespace or, with one, in another.
type MachineReference struct {
	// apiVersion is its group and version, such as cluster.x-k8s.io/v1beta2.
	// +kubebuilder:validation:MaxLength=253
	// +required
	APIVersion string `json:"apiVersion"`
	// kind is its kind, such as Machine.
	// +kubebuilder:validation:MaxLength=63
	// +required
	Kind string `json:"kind"`
	// namespace is its namespace.
	// +kubebuilder:validation:MaxLength=63
	// +required
	Namespace string `json:"namespace"`
	// name is its name.
	// +kubebuilder:validation:MaxLength=253
	// +required
	Name string `json:"name"`
}

// HostKeyTrust says on which grounds a host is believed to be the right one. One of them is enough.
type HostKeyTrust struct {
	// fingerprints are those of the host's keys, as ssh-keygen -l prints them, such as SHA256:…, optionally
	// after the type of the key and a space.
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:Pattern=`^([a-z0-9@.-]+ )?SHA256:[A-Za-z0-9+/]{43}$`
	// +kubebuilder:validation:items:MaxLength=128
	// +listType=set
	// +optional
	Fingerprints []string `json:"fingerprints,omitempty"`

	// authorities are public keys, as in authorized_keys, of which one has signed the host's certificate.
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:MaxLength=4096
	// +listType=set
	// +optional
	Authorities []string `json:"authorities,omitempty"`

	// trustOnFirstUse believes whatever key the host shows first, and no other from then on: the key is recorded in
	// status.hostKey. It says nothing of who it was that showed it.
	// +optional
	TrustOnFirstUse bool `json:"trustOnFirstUse,omitempty"`
}

// JumpHost is a host to go through.
type JumpHost struct {
	// address is its IP address or DNS name.
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9]([-A-Za-z0-9.:]*[A-Za-z0-9])?$`
	// +kubebuilder:validation:MaxLength=253
	// +required
	Address string `json:"address"`

	// port is the TCP port of SSH.
	// +kubebuilder:default=22
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	// +optional
	Port int32 `json:"port,omitempty"`

	// user is as whom to log in there.
	// +kubebuilder:validation:MaxLength=64
	// +required
	User string `json:"user"`

	// keySecret names a Secret in the host's namespace with the private keys to log in with there. Without it, they
	// are those of the host.
	// +optional
	KeySecret *SecretReference `json:"keySecret,omitempty"`

	// fingerprints are those of its keys. There is no trust on first use of a jump host.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:Pattern=`^([a-z0-9@.-]+ )?SHA256:[A-Za-z0-9+/]{43}$`
	// +kubebuilder:validation:items:MaxLength=128
	// +listType=set
	// +required
	Fingerprints []string `json:"fingerprints"`
}
