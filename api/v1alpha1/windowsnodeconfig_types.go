package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// WindowsNodeConfig says what runs on a Windows host, and how: the node's programs, by digest, and their
// configuration. Several hosts share one. It has no secrets: they stay where the cluster keeps them.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=wnc,categories=mullion
// +kubebuilder:printcolumn:name="Kubernetes",type=string,JSONPath=`.spec.kubernetesVersion`
// +kubebuilder:printcolumn:name="Network",type=string,JSONPath=`.spec.network.provider`
// +kubebuilder:printcolumn:name="Hosts",type=integer,JSONPath=`.status.hosts`
// +kubebuilder:printcolumn:name="Current",type=integer,JSONPath=`.status.currentHosts`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Bundle",type=string,JSONPath=`.spec.bundle.image`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type WindowsNodeConfig struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what the administrator wants.
	// +required
	Spec WindowsNodeConfigSpec `json:"spec"`

	// status is what the cluster shows of it.
	// +optional
	Status WindowsNodeConfigStatus `json:"status,omitempty"`
}

// WindowsNodeConfigList is a list of WindowsNodeConfig.
//
// +kubebuilder:object:root=true
type WindowsNodeConfigList struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard list's metadata.
	// +optional
	metav1.ListMeta `json:"metadata,omitempty"`
	// items are the configurations.
	Items []WindowsNodeConfig `json:"items"`
}

// WindowsNodeConfigSpec is what runs on a host.
type WindowsNodeConfigSpec struct {
	// kubernetesVersion is the version of kubelet and kube-proxy, such as v1.37.2. The bundle has to have
	// exactly this one. It is never newer than the oldest API server, and at most three minor versions older.
	// +kubebuilder:validation:Pattern=`^v1\.[0-9]{1,3}\.[0-9]{1,3}$`
	// +kubebuilder:validation:MaxLength=16
	// +required
	KubernetesVersion string `json:"kubernetesVersion"`

	// bundle is where the node's programs come from.
	// +required
	Bundle BundleReference `json:"bundle"`

	// kubelet configures the kubelet.
	// +optional
	Kubelet KubeletSpec `json:"kubelet,omitempty,omitzero"`

	// containerd configures the container runtime.
	// +optional
	Containerd ContainerdSpec `json:"containerd,omitempty,omitzero"`

	// registryMirrors says where images are pulled from instead of, or before, the registry in their name.
	// +kubebuilder:validation:MaxItems=64
	// +listType=map
	// +listMapKey=source
	// +optional
	RegistryMirrors []RegistryMirror `json:"registryMirrors,omitempty"`

	// network says which network pods are on.
	// +required
	Network NodeNetwork `json:"network"`

	// kubeProxy configures how Services are reached from pods.
	// +optional
	KubeProxy KubeProxySpec `json:"kubeProxy,omitempty,omitzero"`

	// labels are those of the node. The kubelet registers the ones that Kubernetes lets it set on itself; the
	// node manager sets the others.
	// +kubebuilder:validation:MaxProperties=64
	// +optional
	Labels map[string]string `json:"labels,omitempty"`

	// taints are those that the node is registered with. Pods for Linux are usually kept off by one such as
	// os=Windows:NoSchedule.
	// +kubebuilder:validation:MaxItems=16
	// +listType=atomic
	// +optional
	Taints []corev1.Taint `json:"taints,omitempty"`

	// proxy is the HTTP proxy by which the host reaches what is outside the cluster.
	// +optional
	Proxy *ProxySpec `json:"proxy,omitempty"`

	// trustedCertificates are certificates of authorities that the host trusts besides its own.
	// +kubebuilder:validation:MaxItems=64
	// +listType=map
	// +listMapKey=name
	// +optional
	TrustedCertificates []TrustedCertificate `json:"trustedCertificates,omitempty"`

	// logging bounds the logs of the node's programs and of containers.
	// +optional
	Logging LoggingSpec `json:"logging,omitempty,omitzero"`

	// csiProxy runs csi-proxy, which storage drivers need unless they run as HostProcess containers.
	// +optional
	CSIProxy *CSIProxySpec `json:"csiProxy,omitempty"`

	// metrics runs windows_exporter.
	// +optional
	Metrics *MetricsSpec `json:"metrics,omitempty"`

	// cloudProvider says what a cloud has to do with the node.
	// +optional
	CloudProvider CloudProviderSpec `json:"cloudProvider,omitempty,omitzero"`

	// services are further services, from programs of the bundle.
	// +kubebuilder:validation:MaxItems=32
	// +listType=map
	// +listMapKey=name
	// +optional
	Services []ExtraService `json:"services,omitempty"`

	// host says what has to be true of a host, and what is changed of it besides the node's programs.
	// +optional
	Host HostRequirements `json:"host,omitempty,omitzero"`
}

// BundleReference names a node bundle.
type BundleReference struct {
	// image is the bundle's reference by digest, such as registry.example.com/windows/node@sha256:….
	// +kubebuilder:validation:Pattern=`^[a-z0-9][-a-z0-9._:/]*[a-z0-9]@sha256:[0-9a-f]{64}$`
	// +kubebuilder:validation:MaxLength=512
	// +required
	Image string `json:"image"`

	// pullSecret is the name of a Secret of type kubernetes.io/dockerconfigjson in the node manager's
	// namespace. Only the node manager uses it: hosts never pull bundles.
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`
	// +kubebuilder:validation:MaxLength=253
	// +optional
	PullSecret string `json:"pullSecret,omitempty"`
}

// WindowsNodeConfigStatus is what the cluster shows of a configuration.
type WindowsNodeConfigStatus struct {
	// observedGeneration is the generation of the spec that this status describes.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions are the configuration's conditions.
	// +listType=map
	// +listMapKey=type
	// +patchStrategy=merge
	// +patchMergeKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty" patchStrategy:"merge" patchMergeKey:"type"`

	// hosts is the number of hosts that are to have this configuration.
	// +optional
	Hosts int32 `json:"hosts"`

	// currentHosts is the number of hosts that have it as it is now.
	// +optional
	CurrentHosts int32 `json:"currentHosts"`
}

// Conditions of a WindowsNodeConfig.
const (
	// NodeConfigConditionReady: hosts can be given the configuration, as far as that can be told without one. Where none has
	// it, and one could not be given it because of what it says, the message says why.
	NodeConfigConditionReady = "Ready"
	// NodeConfigConditionUsed: a policy or a host names the configuration; the message says which.
	NodeConfigConditionUsed = "Used"
)

// Reasons of the conditions of a WindowsNodeConfig.
const (
	ReasonUsable      = "Usable"
	ReasonVersionSkew = "VersionSkew"
	ReasonNamed       = "Named"
	ReasonNotNamed    = "NotNamed"
)
