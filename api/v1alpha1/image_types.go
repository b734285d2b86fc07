package v1alpha1

// ImagePolicy says how image references are judged.
type ImagePolicy struct {
	// whenUnresolved says what happens to a pod one of whose images cannot be inspected, because its
	// registry does not answer, refuses, or may not be asked. Admit treats the image as one that may run on
	// any build and warns. Deny refuses the pod.
	// +kubebuilder:default=Admit
	// +optional
	WhenUnresolved UnresolvedAction `json:"whenUnresolved,omitempty"`

	// whenVersionUnknown says what happens to a pod one of whose images does not say its Windows version.
	// +kubebuilder:default=Allow
	// +optional
	WhenVersionUnknown ImageFinding `json:"whenVersionUnknown,omitempty"`

	// floatingReferences says what happens to a pod one of whose images is not named by digest, so that what
	// is pulled later may differ from what was judged.
	// +kubebuilder:default=Allow
	// +optional
	FloatingReferences ImageFinding `json:"floatingReferences,omitempty"`

	// exempt lists images that are never inspected and may run on any build. An entry is a reference without
	// tag or digest, such as registry.example.com/base/agent; a trailing /* stands for everything below.
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=255
	// +listType=set
	// +optional
	Exempt []string `json:"exempt,omitempty"`

	// registries lists the registry hosts that may be asked, such as mcr.microsoft.com or
	// registry.example.com:5000; a leading *. stands for every subdomain. Empty allows every host. An image
	// from another host counts as one that cannot be inspected.
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=255
	// +listType=set
	// +optional
	Registries []string `json:"registries,omitempty"`
}

// UnresolvedAction is what happens to a pod one of whose images cannot be inspected.
//
// +kubebuilder:validation:Enum=Admit;Deny
type UnresolvedAction string

const (
	// UnresolvedAdmit places the pod and warns.
	UnresolvedAdmit UnresolvedAction = "Admit"
	// UnresolvedDeny refuses the pod.
	UnresolvedDeny UnresolvedAction = "Deny"
)

// ImageFinding is what happens to a pod one of whose images has a questionable property.
//
// +kubebuilder:validation:Enum=Allow;Warn;Deny
type ImageFinding string

const (
	// ImageFindingAllow says nothing.
	ImageFindingAllow ImageFinding = "Allow"
	// ImageFindingWarn admits with a warning.
	ImageFindingWarn ImageFinding = "Warn"
	// ImageFindingDeny refuses.
	ImageFindingDeny ImageFinding = "Deny"
)
