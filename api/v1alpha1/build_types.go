package v1alpha1

import corev1 "k8s.io/api/core/v1"

// BuildRule is one Windows build that a policy offers.
type BuildRule struct {
	// build is the Windows build as nodes are labelled with it: major, minor and build, without a revision,
	// such as 10.0.20348.
	// +kubebuilder:validation:Pattern=`^10\.0\.[1-9][0-9]{3,5}$`
	// +kubebuilder:validation:MaxLength=16
	// +required
	Build string `json:"build"`

	// state is where the build is in its life. Active takes pods. Preview takes only pods that ask for the
	// build. Deprecated takes pods with a warning. Retired takes no new pods, and its hosts are taken out of service
	// as rollout permits, without leaving a pod with nowhere to go.
	// +kubebuilder:default=Active
	// +optional
	State BuildState `json:"state,omitempty"`

	// isolation is how containers are kept apart. With Process they share the host's kernel and the image
	// must be built for it. With HyperV each pod has a kernel of its own, and older images run too.
	// +kubebuilder:default=Process
	// +optional
	Isolation Isolation `json:"isolation,omitempty"`

	// runtimeClass is the RuntimeClass that pods of this build are given.
	// +optional
	RuntimeClass RuntimeClassSpec `json:"runtimeClass,omitempty,omitzero"`

	// nodeConfigRef names the WindowsNodeConfig that hosts of this build are given. Without it, nothing is done to
	// hosts of this build, whoever looks after them.
	// +optional
	NodeConfigRef *NodeConfigReference `json:"nodeConfigRef,omitempty"`

	// scaleFromZero declares that nodes of this build are made on demand, so that the build is offered even
	// while it has no node.
	// +optional
	ScaleFromZero *ScaleFromZero `json:"scaleFromZero,omitempty"`
}

// BuildState is where a build is in its life.
//
// +kubebuilder:validation:Enum=Active;Preview;Deprecated;Retired
type BuildState string

const (
	// BuildActive takes pods.
	BuildActive BuildState = "Active"
	// BuildPreview takes only the pods that ask for it.
	BuildPreview BuildState = "Preview"
	// BuildDeprecated takes pods with a warning.
	BuildDeprecated BuildState = "Deprecated"
	// BuildRetired takes no new pods.
	BuildRetired BuildState = "Retired"
)

// Isolation is how a Windows container is kept apart from its host.
//
// +kubebuilder:validation:Enum=Process;HyperV
type Isolation string

const (
	// IsolationProcess shares the host's kernel.
	IsolationProcess Isolation = "Process"
	// IsolationHyperV gives each pod a kernel of its own.
	IsolationHyperV Isolation = "HyperV"
)

// RuntimeClassSpec names the RuntimeClass of a build.
type RuntimeClassSpec struct {
	// name is the RuntimeClass's name. Without one it is windows-<build>, or windows-<build>-hyperv for
	// Hyper-V isolation. A RuntimeClass of that name that somebody else made is used as it is, never changed.
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +optional
	Name string `json:"name,omitempty"`

	// handler is the container runtime's handler. Without one it is containerd's: runhcs-wcow-process, or
	// runhcs-wcow-hypervisor for Hyper-V isolation.
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +optional
	Handler string `json:"handler,omitempty"`
}

// ScaleFromZero declares that nodes of a build are made on demand.
type ScaleFromZero struct {
	// tolerations are those that the pods need on the nodes to come, since there is no node to derive
	// them from.
	// +kubebuilder:validation:MaxItems=16
	// +listType=atomic
	// +optional
	Tolerations []corev1.Toleration `json:"tolerations,omitempty"`
}

// CompatibilityRule says which image builds run on a host build with process isolation.
//
// +kubebuilder:validation:XValidation:rule="int(self.minImageBuild.split('.')[2]) <= int(self.maxImageBuild.split('.')[2])",message="minImageBuild must not be newer than maxImageBuild",fieldPath=".minImageBuild"
type CompatibilityRule struct {
	// hostBuild is the node's build, such as 10.0.26100.
	// +kubebuilder:validation:Pattern=`^10\.0\.[1-9][0-9]{3,5}$`
	// +kubebuilder:validation:MaxLength=16
	// +required
	HostBuild string `json:"hostBuild"`
	// minImageBuild is the oldest image build that runs there.
	// +kubebuilder:validation:Pattern=`^10\.0\.[1-9][0-9]{3,5}$`
	// +kubebuilder:validation:MaxLength=16
	// +required
	MinImageBuild string `json:"minImageBuild"`
	// maxImageBuild is the newest image build that runs there.
	// +kubebuilder:validation:Pattern=`^10\.0\.[1-9][0-9]{3,5}$`
	// +kubebuilder:validation:MaxLength=16
	// +required
	MaxImageBuild string `json:"maxImageBuild"`
}
