package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// Assumptions are what to suppose of the cluster that is not so. They are made in the order of the fields: the
// policy first, and hypothetical nodes are neither removed nor upgraded.
type Assumptions struct {
	// policy is put in the place of the policy in force for the object, whatever its selectors say.
	// +optional
	Policy *v1alpha1.WindowsBuildPolicySpec `json:"policy,omitempty"`

	// states give builds another state in every policy that lists them.
	// +listType=map
	// +listMapKey=build
	// +optional
	States []AssumedState `json:"states,omitempty"`

	// builds are put in the place of the rules for the same build in every policy, and added at the end of
	// those that have none.
	// +listType=map
	// +listMapKey=build
	// +optional
	Builds []v1alpha1.BuildRule `json:"builds,omitempty"`

	// removedNodes are the names of nodes to leave out. A name that no node has is refused.
	// +listType=set
	// +optional
	RemovedNodes []string `json:"removedNodes,omitempty"`

	// upgrades turn every node of one build into a node of another.
	// +listType=map
	// +listMapKey=from
	// +optional
	Upgrades []BuildUpgrade `json:"upgrades,omitempty"`

	// nodes are hypothetical nodes beside those of the cluster, Ready and schedulable.
	// +listType=atomic
	// +optional
	Nodes []AssumedNodes `json:"nodes,omitempty"`
}

// AssumedState gives a build another state.
type AssumedState struct {
	// build is the Windows build, such as 10.0.17763.
	Build string `json:"build"`
	// state is the state that it is supposed to have.
	State v1alpha1.BuildState `json:"state"`
}

// BuildUpgrade turns every node of one build into a node of another.
type BuildUpgrade struct {
	// from is the build that the nodes have.
	From string `json:"from"`
	// to is the build that they are supposed to have.
	To string `json:"to"`
}

// AssumedNodes is a number of like hypothetical nodes.
type AssumedNodes struct {
	// build is the nodes' Windows build, such as 10.0.26100, with or without a revision.
	Build string `json:"build"`
	// count is how many there are: 1 unless set, at most 10,000.
	// +optional
	Count int32 `json:"count,omitempty"`
	// labels are labels that the nodes have beside those that say operating system, processor and build.
	// +optional
	Labels map[string]string `json:"labels,omitempty"`
	// taints are the nodes' taints.
	// +listType=atomic
	// +optional
	Taints []corev1.Taint `json:"taints,omitempty"`
}
