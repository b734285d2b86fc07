package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// KubeletSpec configures the kubelet.
type KubeletSpec struct {
	// configuration is merged into the KubeletConfiguration (kubelet.config.k8s.io/v1beta1) that follows from
	// the rest, as a JSON merge patch: objects are merged, null deletes, everything else replaces. Fields that
	// Windows does not have, or that this project needs as they are, are refused.
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:Type=object
	// +optional
	Configuration *runtime.RawExtension `json:"configuration,omitempty"`

	// verbosity is the kubelet's log level, from 0 to 10.
	// +kubebuilder:default=2
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=10
	// +optional
	Verbosity *int32 `json:"verbosity,omitempty"`

	// credentialProviders are programs that the kubelet asks for credentials of registries.
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=name
	// +optional
	CredentialProviders []CredentialProvider `json:"credentialProviders,omitempty"`
}

// CredentialProvider is a program that the kubelet asks for credentials of registries.
//
// +kubebuilder:validation:XValidation:rule="self.type != 'Custom' || (has(self.program) && has(self.matchImages))",message="type Custom needs program and matchImages"
// +kubebuilder:validation:XValidation:rule="self.type != 'ACR' || has(self.args)",message="type ACR needs args: the path of the cloud provider's configuration on the host",fieldPath=".args"
type CredentialProvider struct {
	// name tells this provider from the others.
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`
	// +kubebuilder:validation:MaxLength=63
	// +required
	Name string `json:"name"`

	// type knows the program, the images and the arguments of a cloud's registry: ECR of Amazon, ACR of
	// Azure, GCR of Google, Artifact Registry included. Custom knows nothing.
	// +required
	Type CredentialProviderType `json:"type"`

	// program is the program's path in the bundle, below credential-providers, such as my-provider.exe.
	// Without one it is that of the type.
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9][-A-Za-z0-9._]*\.exe$`
	// +kubebuilder:validation:MaxLength=128
	// +optional
	Program string `json:"program,omitempty"`

	// matchImages are the images that the provider is asked about, such as *.azurecr.io. Without any they
	// are those of the type.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=255
	// +listType=set
	// +optional
	MatchImages []string `json:"matchImages,omitempty"`

	// cacheDuration is how long credentials are kept if the provider does not say.
	// +kubebuilder:default="5m"
	// +optional
	CacheDuration *metav1.Duration `json:"cacheDuration,omitempty"`

	// args are arguments of the program, after those of the type.
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=1024
	// +listType=atomic
	// +optional
	Args []string `json:"args,omitempty"`

	// environment is added to the program's environment. It is no place for secrets.
	// +kubebuilder:validation:MaxItems=32
	// +listType=map
	// +listMapKey=name
	// +optional
	Environment []EnvironmentVariable `json:"environment,omitempty"`
}

// CredentialProviderType is a kind of registry whose credential provider is known.
//
// +kubebuilder:validation:Enum=ECR;ACR;GCR;Custom
type CredentialProviderType string

const (
	// CredentialProviderECR is for Amazon's Elastic Container Registry.
	CredentialProviderECR CredentialProviderType = "ECR"
	// CredentialProviderACR is for Azure's container registry.
	CredentialProviderACR CredentialProviderType = "ACR"
	// CredentialProviderGCR is for Google's container and artifact registries.
	CredentialProviderGCR CredentialProviderType = "GCR"
	// CredentialProviderCustom is any other.
	CredentialProviderCustom CredentialProviderType = "Custom"
)

// EnvironmentVariable is one variable of a program's environment.
type EnvironmentVariable struct {
	// name is the variable's name.
	// +kubebuilder:validation:Pattern=`^[A-Za-z_][A-Za-z0-9_]*$`
	// +kubebuilder:validation:MaxLength=128
	// +required
	Name string `json:"name"`

	// value is the variable's value.
	// +kubebuilder:validation:MaxLength=4096
	// +optional
	Value string `json:"value,omitempty"`
}
