package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ProxySpec is the HTTP proxy by which a host reaches what is outside the cluster.
//
// +kubebuilder:validation:XValidation:rule="has(self.http) || has(self.https)",message="needs http or https"
type ProxySpec struct {
	// http is the URL of the proxy for HTTP, without credentials.
	// +kubebuilder:validation:Pattern=`^https?://[^@\s]+$`
	// +kubebuilder:validation:MaxLength=512
	// +optional
	HTTP string `json:"http,omitempty"`

	// https is the URL of the proxy for HTTPS, without credentials.
	// +kubebuilder:validation:Pattern=`^https?://[^@\s]+$`
	// +kubebuilder:validation:MaxLength=512
	// +optional
	HTTPS string `json:"https,omitempty"`

	// noProxy are hosts, domains and networks that are reached directly. Those of the cluster are added.
	// +kubebuilder:validation:MaxItems=128
	// +kubebuilder:validation:items:Pattern=`^[^,;\s]+$`
	// +kubebuilder:validation:items:MaxLength=255
	// +listType=set
	// +optional
	NoProxy []string `json:"noProxy,omitempty"`
}

// TrustedCertificate is the certificate of an authority, or several.
type TrustedCertificate struct {
	// name says what it is for.
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`
	// +kubebuilder:validation:MaxLength=63
	// +required
	Name string `json:"name"`

	// pem are the certificates.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=262144
	// +required
	PEM string `json:"pem"`
}

// LoggingSpec bounds logs.
type LoggingSpec struct {
	// maxFileSize is how large a log file of a node's program may grow before the next one is begun.
	// +kubebuilder:default="100Mi"
	// +optional
	MaxFileSize *resource.Quantity `json:"maxFileSize,omitempty"`

	// maxAge is how long old log files of the kubelet and kube-proxy are kept.
	// +kubebuilder:default="168h"
	// +optional
	MaxAge *metav1.Duration `json:"maxAge,omitempty"`
}

// CSIProxySpec configures csi-proxy.
type CSIProxySpec struct {
	// verbosity is its log level, from 0 to 10.
	// +kubebuilder:default=2
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=10
	// +optional
	Verbosity *int32 `json:"verbosity,omitempty"`
}

// MetricsSpec configures windows_exporter. It serves HTTPS with the kubelet's serving certificate, so that no key
// is ever copied to a host.
type MetricsSpec struct {
	// port is the TCP port that it serves on.
	// +kubebuilder:default=9182
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	// +optional
	Port int32 `json:"port,omitempty"`

	// collectors are what it collects. Without any they are cpu, cpu_info, container, logical_disk, memory,
	// net, os, service and system.
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:Pattern=`^[a-z][a-z0-9_]*$`
	// +kubebuilder:validation:items:MaxLength=64
	// +listType=set
	// +optional
	Collectors []string `json:"collectors,omitempty"`

	// clients says who may read. Any lets everybody who reaches the port. Certificate wants a client
	// certificate from the cluster's authority.
	// +kubebuilder:default=Any
	// +optional
	Clients MetricsClients `json:"clients,omitempty"`
}

// MetricsClients says who may read metrics.
//
// +kubebuilder:validation:Enum=Any;Certificate
type MetricsClients string

const (
	// MetricsClientsAny lets everybody.
	MetricsClientsAny MetricsClients = "Any"
	// MetricsClientsCertificate wants a client certificate.
	MetricsClientsCertificate MetricsClients = "Certificate"
)

// CloudProviderSpec says what a cloud has to do with a node.
type CloudProviderSpec struct {
	// external tells the kubelet that a cloud controller manager initializes the node.
	// +optional
	External bool `json:"external,omitempty"`

	// azureNodeManager runs azure-cloud-node-manager, which Azure needs on Windows nodes.
	// +optional
	AzureNodeManager bool `json:"azureNodeManager,omitempty"`

	// awsRoutes keeps the routes to what AWS has for each of its instances, such as metadata and time. A network
	// plugin that makes a switch takes them away, and each boot after that.
	// +optional
	AWSRoutes bool `json:"awsRoutes,omitempty"`
}

// ExtraService is a further Windows service.
type ExtraService struct {
	// name is the service's name.
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9][-A-Za-z0-9_.]*$`
	// +kubebuilder:validation:MaxLength=80
	// +required
	Name string `json:"name"`

	// description is what the list of services shows of it.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	Description string `json:"description,omitempty"`

	// program is its path in the bundle, with slashes, such as tools/agent.exe. It has to be a Windows
	// service: one that speaks to the service control manager.
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9][-A-Za-z0-9._/]*\.exe$`
	// +kubebuilder:validation:MaxLength=255
	// +required
	Program string `json:"program"`

	// args are passed as they are, except that ${NODE_NAME} and ${NODE_IP} stand for the node's.
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=1024
	// +listType=atomic
	// +optional
	Args []string `json:"args,omitempty"`

	// dependsOn are services that have to run before.
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=80
	// +listType=set
	// +optional
	DependsOn []string `json:"dependsOn,omitempty"`

	// environment is the service's own. It is no place for secrets.
	// +kubebuilder:validation:MaxItems=64
	// +listType=map
	// +listMapKey=name
	// +optional
	Environment []EnvironmentVariable `json:"environment,omitempty"`

	// ports are TCP ports that it listens on. They are opened in the firewall.
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:Minimum=1
	// +kubebuilder:validation:items:Maximum=65535
	// +listType=set
	// +optional
	Ports []int32 `json:"ports,omitempty"`
}

// HostRequirements says what has to be true of a host, and what is changed of it.
type HostRequirements struct {
	// builds are those of the hosts that may have this configuration, such as 10.0.20348. Empty is every
	// build from 10.0.17763 on.
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:Pattern=`^10\.0\.[1-9][0-9]{3,5}$`
	// +kubebuilder:validation:items:MaxLength=16
	// +listType=set
	// +optional
	Builds []string `json:"builds,omitempty"`

	// languages are those of the system. Empty is en-US, for programs on nodes read what Windows prints.
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=35
	// +listType=set
	// +optional
	Languages []string `json:"languages,omitempty"`

	// existingServices says what happens if the host has a service such as containerd or kubelet that
	// somebody else made. Refuse leaves the host alone. TakeOver replaces it, and puts it back when the host
	// is given back.
	// +kubebuilder:default=Refuse
	// +optional
	ExistingServices ExistingServices `json:"existingServices,omitempty"`

	// keepVersions is how many former versions of the programs stay on the host, to go back to.
	// +kubebuilder:default=1
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=16
	// +optional
	KeepVersions *int32 `json:"keepVersions,omitempty"`
}

// ExistingServices says what happens to services that somebody else made.
//
// +kubebuilder:validation:Enum=Refuse;TakeOver
type ExistingServices string

const (
	// ExistingServicesRefuse leaves the host alone.
	ExistingServicesRefuse ExistingServices = "Refuse"
	// ExistingServicesTakeOver replaces them.
	ExistingServicesTakeOver ExistingServices = "TakeOver"
)
