package policy

// Reason is a machine-readable cause, stable across releases and few enough to be a metric's label.
type Reason string

// Reasons of candidates.
const (
	// ReasonFits: the pod can run on nodes of this build.
	ReasonFits Reason = "Fits"
	// ReasonPinnedElsewhere: the pod's own selectors leave no node of this build.
	ReasonPinnedElsewhere Reason = "PinnedElsewhere"
	// ReasonIsolationConflict: the pod's RuntimeClass gives less isolation than the policy demands.
	ReasonIsolationConflict Reason = "IsolationConflict"
	// ReasonRetired: the policy lets no new pods onto this build.
	ReasonRetired Reason = "Retired"
	// ReasonPreviewNotRequested: the build is a preview and the pod does not ask for it.
	ReasonPreviewNotRequested Reason = "PreviewNotRequested"
	// ReasonImageIncompatible: an image of the pod does not run on this build.
	ReasonImageIncompatible Reason = "ImageIncompatible"
	// ReasonNoReadyNode: no node of this build that the pod selects is available just now.
	ReasonNoReadyNode Reason = "NoReadyNode"
	// ReasonNodesReserved: the nodes of this build are kept for others by a taint.
	ReasonNodesReserved Reason = "NodesReserved"
)

// Reasons of denials and warnings, beside those of candidates.
const (
	// ReasonLinuxImage: an image in a Windows pod has no Windows variant.
	ReasonLinuxImage Reason = "LinuxImage"
	// ReasonNoCommonBuild: every image runs on some build, but no build runs all of them.
	ReasonNoCommonBuild Reason = "NoCommonBuild"
	// ReasonBuildNotAllowed: the pod asks for a build that the policy does not list.
	ReasonBuildNotAllowed Reason = "BuildNotAllowed"
	// ReasonNodeUnknown: the pod is bound by name to a node that is not known as a Windows node.
	ReasonNodeUnknown Reason = "NodeUnknown"
	// ReasonInvalidBuildLabel: the pod's build label is no build.
	ReasonInvalidBuildLabel Reason = "InvalidBuildLabel"
	// ReasonImageUnresolved: an image could not be inspected.
	ReasonImageUnresolved Reason = "ImageUnresolved"
	// ReasonImageStale: a registry could not be asked, so older facts were used.
	ReasonImageStale Reason = "ImageStale"
	// ReasonImageVersionUnknown: an image does not say its Windows version.
	ReasonImageVersionUnknown Reason = "ImageVersionUnknown"
	// ReasonFloatingReference: an image is not named by digest.
	ReasonFloatingReference Reason = "FloatingReference"
	// ReasonNotPlaced: the final pod lacks the selectors that keep it from nodes that cannot run it.
	ReasonNotPlaced Reason = "NotPlaced"
	// ReasonDeprecated: the chosen build is deprecated.
	ReasonDeprecated Reason = "Deprecated"
	// ReasonDaemonSetTemplate: a DaemonSet's template selects nodes on which its pods cannot run.
	ReasonDaemonSetTemplate Reason = "DaemonSetTemplate"
)
