package v1alpha1

import "k8s.io/apimachinery/pkg/runtime"

// ContainerdSpec configures the container runtime.
type ContainerdSpec struct {
	// sandboxImage is the pause image. It has to have an entry for every build of host, as
	// registry.k8s.io/pause:3.10.2 has, which is the default.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +optional
	SandboxImage string `json:"sandboxImage,omitempty"`

	// hyperV also sets up the handler runhcs-wcow-hypervisor, by which pods get a kernel of their own, and
	// enables the Windows feature that it needs; that takes a reboot.
	// +optional
	HyperV bool `json:"hyperV,omitempty"`

	// logLevel is how much containerd logs. Its log file is not rotated: containerd has no means to.
	// +kubebuilder:default=info
	// +optional
	LogLevel ContainerdLogLevel `json:"logLevel,omitempty"`

	// configuration is merged into the configuration file (version 3), written as JSON, as a JSON merge
	// patch: objects are merged, null deletes, everything else replaces. Where containerd listens and where
	// it looks for networks and mirrors is refused: other programs go by it.
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:Type=object
	// +optional
	Configuration *runtime.RawExtension `json:"configuration,omitempty"`
}

// ContainerdLogLevel is how much containerd logs.
//
// +kubebuilder:validation:Enum=error;warn;info;debug;trace
type ContainerdLogLevel string

// The levels that a configuration usually has.
const (
	ContainerdLogInfo  ContainerdLogLevel = "info"
	ContainerdLogDebug ContainerdLogLevel = "debug"
)

// RegistryMirror says where images of a registry, or of repositories in it, are pulled from.
//
// containerd chooses mirrors by the registry's host alone, so what is said of some repositories takes effect on all
// of them. That is harmless for images by digest, since a digest cannot be forged; the rules refuse the rest.
//
// +kubebuilder:validation:XValidation:rule="!self.source.contains('/') || !has(self.pull) || self.pull != 'DigestsAndTags'",message="containerd cannot limit a mirror to a repository, so it would also answer for tags of all others: use pull Digests, or name the registry alone as the source",fieldPath=".pull"
// +kubebuilder:validation:XValidation:rule="!self.source.contains('/') || !has(self.fallback) || self.fallback != 'Never'",message="containerd cannot limit a mirror to a repository, so all others would be cut off: use fallback Source, or name the registry alone as the source",fieldPath=".fallback"
type RegistryMirror struct {
	// source is the host of a registry as image names have it, such as quay.io or registry.example.com:5000,
	// with or without a repository, or the beginning of repositories, such as quay.io/team.
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?(:[0-9]{1,5})?(/[a-z0-9][-a-z0-9._]*)*$`
	// +kubebuilder:validation:MaxLength=255
	// +required
	Source string `json:"source"`

	// mirrors are tried in this order.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	// +listType=map
	// +listMapKey=location
	// +required
	Mirrors []MirrorEndpoint `json:"mirrors"`

	// pull is what mirrors are asked for. Digests asks them for images by digest only. DigestsAndTags trusts
	// them to say what a tag means, too; it is for a source without repository.
	// +kubebuilder:default=Digests
	// +optional
	Pull MirrorPull `json:"pull,omitempty"`

	// fallback is what happens when no mirror has an image. Source asks the registry in the image's name.
	// Never does not, so that a cluster stays disconnected; it is for a source without repository.
	// +kubebuilder:default=Source
	// +optional
	Fallback MirrorFallback `json:"fallback,omitempty"`
}

// MirrorEndpoint is one mirror.
type MirrorEndpoint struct {
	// location is the mirror's host, and the path in it below which it has the source, such as
	// mirror.example.com/cache. A source with repository quay.io/team has to be at a path that ends with it,
	// such as mirror.example.com/cache/team: containerd appends the whole repository.
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?(:[0-9]{1,5})?(/[a-z0-9][-a-z0-9._]*)*$`
	// +kubebuilder:validation:MaxLength=255
	// +required
	Location string `json:"location"`

	// insecure reaches the mirror by plain HTTP.
	// +optional
	Insecure bool `json:"insecure,omitempty"`

	// certificateAuthority is PEM of the authorities that the mirror's certificate is from, if the host does
	// not trust them already.
	// +kubebuilder:validation:MaxLength=65536
	// +optional
	CertificateAuthority string `json:"certificateAuthority,omitempty"`
}

// MirrorPull is what a mirror is asked for.
//
// +kubebuilder:validation:Enum=Digests;DigestsAndTags
type MirrorPull string

const (
	// MirrorPullDigests asks for images by digest only.
	MirrorPullDigests MirrorPull = "Digests"
	// MirrorPullDigestsAndTags also trusts the mirror to resolve tags.
	MirrorPullDigestsAndTags MirrorPull = "DigestsAndTags"
)

// MirrorFallback is what happens when no mirror has an image.
//
// +kubebuilder:validation:Enum=Source;Never
type MirrorFallback string

const (
	// MirrorFallbackSource asks the registry in the image's name.
	MirrorFallbackSource MirrorFallback = "Source"
	// MirrorFallbackNever gives up.
	MirrorFallbackNever MirrorFallback = "Never"
)
