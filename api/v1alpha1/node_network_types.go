package v1alpha1

import "k8s.io/apimachinery/pkg/runtime"

// NodeNetwork says which network pods are on.
//
// +kubebuilder:validation:XValidation:rule="self.provider == 'Flannel' ? true : !has(self.flannel)",message="flannel is for the provider Flannel",fieldPath=".flannel"
// +kubebuilder:validation:XValidation:rule="self.provider == 'Calico' ? true : !has(self.calico)",message="calico is for the provider Calico",fieldPath=".calico"
// +kubebuilder:validation:XValidation:rule="self.provider == 'OVNKubernetes' ? true : !has(self.ovnKubernetes)",message="ovnKubernetes is for the provider OVNKubernetes",fieldPath=".ovnKubernetes"
// +kubebuilder:validation:XValidation:rule="self.provider == 'External' ? true : !has(self.external)",message="external is for the provider External",fieldPath=".external"
type NodeNetwork struct {
	// provider is what makes the network. OVNKubernetes is its hybrid overlay. External is any that brings its
	// own files to the host, as an operator with HostProcess containers does.
	// +required
	Provider NetworkProvider `json:"provider"`

	// flannel configures Flannel.
	// +optional
	Flannel *FlannelSpec `json:"flannel,omitempty"`

	// calico configures Calico.
	// +optional
	Calico *CalicoSpec `json:"calico,omitempty"`

	// ovnKubernetes configures the hybrid overlay of OVN-Kubernetes.
	// +optional
	OVNKubernetes *OVNKubernetesSpec `json:"ovnKubernetes,omitempty"`

	// external says what to wait for.
	// +optional
	External *ExternalNetworkSpec `json:"external,omitempty"`

	// nodeCIDR is the network of the address that the node has in the cluster, such as 10.0.0.0/16, for hosts
	// with several. Without one it is the address of the interface with the default route.
	// +kubebuilder:validation:XValidation:rule="isCIDR(self)",message="must be a network, such as 10.0.0.0/16"
	// +kubebuilder:validation:MaxLength=64
	// +optional
	NodeCIDR string `json:"nodeCIDR,omitempty"`
}

// NetworkProvider is what makes the network that pods are on.
//
// +kubebuilder:validation:Enum=Flannel;Calico;OVNKubernetes;External
type NetworkProvider string

const (
	// NetworkFlannel is Flannel.
	NetworkFlannel NetworkProvider = "Flannel"
	// NetworkCalico is Calico.
	NetworkCalico NetworkProvider = "Calico"
	// NetworkOVNKubernetes is the hybrid overlay of OVN-Kubernetes.
	NetworkOVNKubernetes NetworkProvider = "OVNKubernetes"
	// NetworkExternal brings its own files.
	NetworkExternal NetworkProvider = "External"
)

// FlannelSpec configures Flannel. Its daemon runs as a HostProcess container: it is no Windows service.
type FlannelSpec struct {
	// backend is how packets reach other nodes. Overlay is VXLAN. HostGateway routes them and needs nodes on
	// one network.
	// +kubebuilder:default=Overlay
	// +optional
	Backend FlannelBackend `json:"backend,omitempty"`

	// vni is the VXLAN network identifier; Windows needs one from 4096 on.
	// +kubebuilder:default=4096
	// +kubebuilder:validation:Minimum=4096
	// +kubebuilder:validation:Maximum=16777215
	// +optional
	VNI int32 `json:"vni,omitempty"`
}

// FlannelBackend is how Flannel's packets reach other nodes.
//
// +kubebuilder:validation:Enum=Overlay;HostGateway
type FlannelBackend string

const (
	// FlannelOverlay is VXLAN on port 4789, the only one that Windows uses.
	FlannelOverlay FlannelBackend = "Overlay"
	// FlannelHostGateway is routes.
	FlannelHostGateway FlannelBackend = "HostGateway"
)

// CalicoSpec configures Calico.
type CalicoSpec struct {
	// installation is who brings Calico's files. Operator waits for those that Calico's own operator or
	// manifests bring. Configured writes the CNI configuration; the plugins are in the bundle, and calico-node
	// runs as a HostProcess container.
	// +kubebuilder:default=Operator
	// +optional
	Installation CalicoInstallation `json:"installation,omitempty"`

	// backend is how packets reach other nodes.
	// +kubebuilder:default=VXLAN
	// +optional
	Backend CalicoBackend `json:"backend,omitempty"`

	// vni is the VXLAN network identifier; Windows needs one from 4096 on.
	// +kubebuilder:default=4096
	// +kubebuilder:validation:Minimum=4096
	// +kubebuilder:validation:Maximum=16777215
	// +optional
	VNI int32 `json:"vni,omitempty"`
}

// CalicoInstallation is who brings Calico's files to a host.
//
// +kubebuilder:validation:Enum=Operator;Configured
type CalicoInstallation string

const (
	// CalicoOperator waits for the files of Calico's operator.
	CalicoOperator CalicoInstallation = "Operator"
	// CalicoConfigured writes the CNI configuration.
	CalicoConfigured CalicoInstallation = "Configured"
)

// CalicoBackend is how Calico's packets reach other nodes.
//
// +kubebuilder:validation:Enum=VXLAN;BGP
type CalicoBackend string

const (
	// CalicoVXLAN encapsulates.
	CalicoVXLAN CalicoBackend = "VXLAN"
	// CalicoBGP routes.
	CalicoBGP CalicoBackend = "BGP"
)

// OVNKubernetesSpec configures the hybrid overlay of OVN-Kubernetes.
type OVNKubernetesSpec struct {
	// vxlanPort is the hybrid overlay's UDP port. It is the cluster's: some platforms need another than 4789.
	// +kubebuilder:default=4789
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	// +optional
	VXLANPort int32 `json:"vxlanPort,omitempty"`
}

// ExternalNetworkSpec says what to wait for.
type ExternalNetworkSpec struct {
	// files are names in C:\etc\cni\net.d, any one of which makes the network complete, such as
	// 10-azure.conflist. Without any, whatever the container runtime accepts does.
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:Pattern=`^[A-Za-z0-9][-A-Za-z0-9._]*\.(conf|conflist|json)$`
	// +kubebuilder:validation:items:MaxLength=128
	// +listType=set
	// +optional
	Files []string `json:"files,omitempty"`

	// networkName is the name of the network in Windows (HNS), which kube-proxy needs if it is a service.
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9][-A-Za-z0-9._ ]*$`
	// +kubebuilder:validation:MaxLength=128
	// +optional
	NetworkName string `json:"networkName,omitempty"`

	// overlay tells that the network is an overlay, for which kube-proxy needs an address of its own.
	// +optional
	Overlay bool `json:"overlay,omitempty"`
}

// KubeProxySpec configures kube-proxy.
type KubeProxySpec struct {
	// deployment is how it runs. Service is a Windows service from the bundle, with the kubelet's identity.
	// None leaves it to others, such as a DaemonSet.
	// +kubebuilder:default=Service
	// +optional
	Deployment KubeProxyDeployment `json:"deployment,omitempty"`

	// configuration is merged into the KubeProxyConfiguration (kubeproxy.config.k8s.io/v1alpha1) that follows
	// from the rest, as a JSON merge patch.
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:Type=object
	// +optional
	Configuration *runtime.RawExtension `json:"configuration,omitempty"`
}

// KubeProxyDeployment is how kube-proxy runs.
//
// +kubebuilder:validation:Enum=Service;None
type KubeProxyDeployment string

const (
	// KubeProxyService runs it as a Windows service.
	KubeProxyService KubeProxyDeployment = "Service"
	// KubeProxyNone leaves it to others.
	KubeProxyNone KubeProxyDeployment = "None"
)
