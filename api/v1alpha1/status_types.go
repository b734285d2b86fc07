package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// WindowsBuildPolicyStatus is what the cluster shows of a policy.
type WindowsBuildPolicyStatus struct {
	// observedGeneration is the generation of the spec that this status describes.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// summary is the builds with their Ready nodes in one line, such as "10.0.26100 (2/2), 10.0.20348 (1/3)".
	// +optional
	Summary string `json:"summary,omitempty"`

	// strandedSummary is, for each build that has pods under the policy, how many of them would be stranded
	// without it, in one line, such as "10.0.20348 (0/40), 10.0.17763 (3/12)".
	// +optional
	StrandedSummary string `json:"strandedSummary,omitempty"`

	// conditions are the policy's conditions.
	// +listType=map
	// +listMapKey=type
	// +patchStrategy=merge
	// +patchMergeKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty" patchStrategy:"merge" patchMergeKey:"type"`

	// builds are the policy's builds as the cluster has them, in the policy's order.
	// +listType=map
	// +listMapKey=build
	// +optional
	Builds []BuildStatus `json:"builds,omitempty"`

	// rollout is how far the hosts are that live under the policy; absent where there are none.
	// +optional
	Rollout *RolloutStatus `json:"rollout,omitempty"`
}

// BuildStatus is one build of a policy as the cluster has it.
type BuildStatus struct {
	// build is the Windows build.
	// +required
	Build string `json:"build"`

	// release is the build's name in words, such as "Windows Server 2022"; empty for a build that is not
	// in the built-in table.
	// +optional
	Release string `json:"release,omitempty"`

	// nodes is the number of nodes of this build.
	// +optional
	Nodes int32 `json:"nodes"`

	// readyNodes is the number of nodes of this build that are Ready and schedulable.
	// +optional
	ReadyNodes int32 `json:"readyNodes"`

	// runtimeClass is the RuntimeClass that pods of this build are given.
	// +optional
	RuntimeClass string `json:"runtimeClass,omitempty"`

	// imageBuilds are the known image builds that run on this build under the policy.
	// +listType=atomic
	// +optional
	ImageBuilds []string `json:"imageBuilds,omitempty"`

	// workloads is who depends on this build under the policy; absent while that is not known.
	// +optional
	Workloads *BuildWorkloads `json:"workloads,omitempty"`
}

// BuildWorkloads is the pods that run on a build under a policy, and what would become of them if the build were
// retired and its nodes were gone. It follows the cluster with a delay of minutes; the condition WorkloadsCounted
// says when it does not.
type BuildWorkloads struct {
	// pods is the number of pods that are bound to nodes of this build, have not ended, and are for Windows by
	// what they say and under this policy.
	// +optional
	Pods int32 `json:"pods"`

	// strandedPods is how many of the pods would have nowhere to go: made again from what their controllers have
	// for a template, they would be refused, or no node of another build would take them.
	// +optional
	StrandedPods int32 `json:"strandedPods"`

	// unknownPods is how many of the pods that cannot be told of, because an image could not be inspected.
	// +optional
	UnknownPods int32 `json:"unknownPods"`

	// stranded names the first of the workloads that would be stranded, as namespace/Kind/name.
	// +kubebuilder:validation:MaxItems=5
	// +listType=atomic
	// +optional
	Stranded []string `json:"stranded,omitempty"`

	// moreStranded is how many workloads would be stranded beside those named.
	// +optional
	MoreStranded int32 `json:"moreStranded,omitempty"`
}

// MaxStrandedNames is how many workloads a status names for each build.
const MaxStrandedNames = 5

// Conditions of a WindowsBuildPolicy.
const (
	// ConditionReady: the policy is in force, and every RuntimeClass it needs is there as it should be.
	ConditionReady = "Ready"
	// ConditionAccepted: the policy could be compiled. A policy that could not is not in force.
	ConditionAccepted = "Accepted"
	// ConditionRuntimeClassesReady: every RuntimeClass that the policy needs is there as it should be.
	ConditionRuntimeClassesReady = "RuntimeClassesReady"
	// ConditionOverlapping: another policy may select the same pods; the message names it and says which wins.
	ConditionOverlapping = "Overlapping"
	// ConditionWorkloadsCounted: the workloads in the status are those of the cluster. While it is False they are
	// those of an earlier time, or absent. A policy has no such condition where workloads are not counted.
	ConditionWorkloadsCounted = "WorkloadsCounted"
	// ConditionHostsUpToDate: every host that lives under the policy is as the policy wants it. A policy without
	// hosts has no such condition.
	ConditionHostsUpToDate = "HostsUpToDate"
)

// Reasons of the conditions of a WindowsBuildPolicy.
const (
	ReasonInForce              = "InForce"
	ReasonCompiled             = "Compiled"
	ReasonInvalidSpec          = "InvalidSpec"
	ReasonRuntimeClassesReady  = "RuntimeClassesReady"
	ReasonForeignRuntimeClass  = "ForeignRuntimeClass"
	ReasonRuntimeClassConflict = "RuntimeClassConflict"
	ReasonRuntimeClassPending  = "RuntimeClassPending"
	ReasonNoOverlap            = "NoOverlap"
	ReasonOverlapping          = "Overlapping"
	ReasonCounted              = "Counted"
	ReasonImagesUnresolved     = "ImagesUnresolved"
	ReasonCountingFailed       = "CountingFailed"
	ReasonNotCountedYet        = "NotCountedYet"
	ReasonRolledOut            = "RolledOut"
	ReasonRollingOut           = "RollingOut"
	ReasonHostsBlocked         = "HostsBlocked"
	ReasonHostsFailed          = "HostsFailed"
)
