package lint

import (
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/validate"
)

// descriptions say what every reason of a finding stands for, whatever the object.
func descriptions() map[policy.Reason]string {
	return map[policy.Reason]string{
		policy.ReasonPinnedElsewhere:     "The pod's own selectors contradict each other.",
		policy.ReasonIsolationConflict:   "The pod's RuntimeClass gives less isolation than the policy demands.",
		policy.ReasonRetired:             "The pod can run only on builds that the policy has retired.",
		policy.ReasonPreviewNotRequested: "The pod can run only on a preview, which it does not ask for.",
		policy.ReasonImageIncompatible:   "An image does not run on any build on which the pod may run.",
		policy.ReasonNoReadyNode:         "No node of the chosen build is available.",
		policy.ReasonNodesReserved:       "The nodes of the chosen build are kept for others by a taint.",
		policy.ReasonLinuxImage:          "An image in a Windows pod has no Windows variant.",
		policy.ReasonNoCommonBuild:       "Every image runs on some build, but no build runs all of them.",
		policy.ReasonBuildNotAllowed:     "The pod asks for a build that the policy does not list.",
		policy.ReasonNodeUnknown:         "The pod is bound by name to a node that is not known.",
		policy.ReasonInvalidBuildLabel:   "The pod's build label is no Windows build.",
		policy.ReasonImageUnresolved:     "An image could not be inspected.",
		policy.ReasonImageStale:          "A registry could not be asked, so that older facts were used.",
		policy.ReasonImageVersionUnknown: "An image does not say its Windows version.",
		policy.ReasonFloatingReference:   "An image is not named by digest.",
		policy.ReasonNotPlaced:           "The pod lacks the selectors that keep it from nodes that cannot run it.",
		policy.ReasonDeprecated:          "The pod is placed on a build that the policy has deprecated.",
		policy.ReasonDaemonSetTemplate:   "A DaemonSet's template selects nodes on which its pods cannot run.",
		validate.ReasonUnsupported:       "Windows ignores a setting, or does not have what it asks for.",
		validate.ReasonMissingCommand:    "The image does not have the program that a container is to run.",
	}
}

// describeReason says what a reason stands for.
func describeReason(reason policy.Reason) string {
	if description, known := descriptions()[reason]; known {
		return description
	}
	return string(reason)
}
