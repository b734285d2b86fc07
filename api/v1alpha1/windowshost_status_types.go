package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// WindowsHostStatus is what is known of a host, and what is done with it.
type WindowsHostStatus struct {
	// observedGeneration is the generation of the spec that this status describes.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// observedReconcile is the value that the annotation mullion.dev/reconcile had when the host was looked at last: as
	// soon as it is the one that somebody has set, this status is newer than that.
	// +optional
	ObservedReconcile string `json:"observedReconcile,omitempty"`

	// phase is where the host is in its life, in one word.
	// +optional
	Phase HostPhase `json:"phase,omitempty"`

	// message is a sentence: why the host is in this phase, and where it waits, for what.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Message string `json:"message,omitempty"`

	// step is what was attempted last.
	// +optional
	Step HostStep `json:"step,omitempty"`

	// lastError is what went wrong last, in words. It is gone when the step has succeeded.
	// +optional
	LastError *HostError `json:"lastError,omitempty"`

	// conditions are the host's conditions.
	// +listType=map
	// +listMapKey=type
	// +patchStrategy=merge
	// +patchMergeKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty" patchStrategy:"merge" patchMergeKey:"type"`

	// hostKey is the key that the host has proven to have, as ssh-keygen -l prints it, after its type. With
	// trustOnFirstUse it is the one that the host must have from then on; to trust another, remove it.
	// +optional
	HostKey string `json:"hostKey,omitempty"`

	// login is the fingerprint of the private key that the host has accepted last.
	// +optional
	Login string `json:"login,omitempty"`

	// facts are what is true of the host.
	// +optional
	Facts *HostFacts `json:"facts,omitempty"`

	// policy is the WindowsBuildPolicy that the host lives under.
	// +optional
	Policy string `json:"policy,omitempty"`

	// plan is what would be done to the host; absent where nothing is left to do.
	// +optional
	Plan *HostPlan `json:"plan,omitempty"`

	// applied is what was applied to the host last.
	// +optional
	Applied *AppliedConfiguration `json:"applied,omitempty"`

	// node is the node that the host is, or is to become.
	// +optional
	Node *HostNode `json:"node,omitempty"`

	// claim is for what the host waits to be taken out of service, and why it may not be yet; absent where it waits
	// for nothing, and while it is out of service for it.
	// +optional
	Claim *HostClaim `json:"claim,omitempty"`

	// disruption is what takes the host out of service at the moment; absent while it serves.
	// +optional
	Disruption *HostDisruption `json:"disruption,omitempty"`

	// reboots is what is known of reboots that were asked for.
	// +optional
	Reboots *HostReboots `json:"reboots,omitempty"`
}

// HostPhase is where a host is in its life.
//
// +kubebuilder:validation:Enum=Pending;Preparing;Waiting;Draining;Configuring;Joining;Verifying;Ready;Rebooting;Retired;Removing;Failed
type HostPhase string

// The phases. Exactly one holds at a time; conditions tell more.
const (
	// HostPending was not looked at yet.
	HostPending HostPhase = "Pending"
	// HostPreparing is being reached and examined.
	HostPreparing HostPhase = "Preparing"
	// HostWaiting has something to be done that may not be done now: the message says what it waits for.
	HostWaiting HostPhase = "Waiting"
	// HostDraining has its pods moved elsewhere.
	HostDraining HostPhase = "Draining"
	// HostConfiguring is being changed.
	HostConfiguring HostPhase = "Configuring"
	// HostJoining runs a kubelet whose node is not registered, or has no certificate yet.
	HostJoining HostPhase = "Joining"
	// HostVerifying is examined after a change, before it may take pods.
	HostVerifying HostPhase = "Verifying"
	// HostReady is a node as it shall be.
	HostReady HostPhase = "Ready"
	// HostRebooting has been asked to restart.
	HostRebooting HostPhase = "Rebooting"
	// HostRetired was given back because its policy has retired its build. It joins again once it has another.
	HostRetired HostPhase = "Retired"
	// HostRemoving is being given back because it was deleted.
	HostRemoving HostPhase = "Removing"
	// HostFailed cannot go on without somebody's help, or tries again later: the message says which.
	HostFailed HostPhase = "Failed"
)

// HostStep is a step of what is done with a host, in the order in which they come.
//
// +kubebuilder:validation:Enum=Resolve;Connect;Preflight;Plan;Claim;Drain;Apply;Reboot;Join;Verify;Release;Remove
type HostStep string

// The steps.
const (
	StepResolve   HostStep = "Resolve"
	StepConnect   HostStep = "Connect"
	StepPreflight HostStep = "Preflight"
	StepPlan      HostStep = "Plan"
	StepClaim     HostStep = "Claim"
	StepDrain     HostStep = "Drain"
	StepApply     HostStep = "Apply"
	StepReboot    HostStep = "Reboot"
	StepJoin      HostStep = "Join"
	StepVerify    HostStep = "Verify"
	StepRelease   HostStep = "Release"
	StepRemove    HostStep = "Remove"
)

// HostError is what went wrong.
type HostError struct {
	// step is what was attempted.
	// +required
	Step HostStep `json:"step"`
	// reason is one word for it.
	// +required
	Reason string `json:"reason"`
	// message is what went wrong, in words.
	// +kubebuilder:validation:MaxLength=4096
	// +required
	Message string `json:"message"`
	// time is when it was first seen.
	// +required
	Time metav1.Time `json:"time"`
	// attempts is how often in a row it was seen.
	// +optional
	Attempts int32 `json:"attempts,omitempty"`
}

// HostFacts are what is true of a host, as far as somebody may want to know it of many.
type HostFacts struct {
	// build is the Windows build, such as 10.0.20348.
	// +optional
	Build string `json:"build,omitempty"`
	// revision is the update build revision, the fourth part of the version.
	// +optional
	Revision int64 `json:"revision,omitempty"`
	// edition is the edition, such as ServerDatacenter.
	// +optional
	Edition string `json:"edition,omitempty"`
	// installationType is Server Core, Server or Client.
	// +optional
	InstallationType string `json:"installationType,omitempty"`
	// language is that of the system.
	// +optional
	Language string `json:"language,omitempty"`
	// hostname is the host's own name.
	// +optional
	Hostname string `json:"hostname,omitempty"`
	// addresses are the host's IP addresses.
	// +listType=atomic
	// +optional
	Addresses []string `json:"addresses,omitempty"`
	// memoryBytes is the size of the memory.
	// +optional
	MemoryBytes int64 `json:"memoryBytes,omitempty"`
	// freeDiskBytes is what is free on the system's drive.
	// +optional
	FreeDiskBytes int64 `json:"freeDiskBytes,omitempty"`
	// bootID is different after each boot.
	// +optional
	BootID string `json:"bootID,omitempty"`
	// agentVersion is the version of the agent on the host.
	// +optional
	AgentVersion string `json:"agentVersion,omitempty"`
	// pendingReboot are the reasons for which Windows waits for a reboot.
	// +listType=atomic
	// +optional
	PendingReboot []string `json:"pendingReboot,omitempty"`
}

// HostPlan is what would be done to a host.
type HostPlan struct {
	// summary is the plan in one line, such as "replace 2 files, restart 1 service".
	// +optional
	Summary string `json:"summary,omitempty"`
	// digest is that of the configuration to which the plan leads: node config, bundle and what nodes have to know of
	// the cluster. It is the same for all hosts that are to have the same.
	// +optional
	Digest string `json:"digest,omitempty"`
	// disruptive tells that what runs on the host is interrupted.
	// +optional
	Disruptive bool `json:"disruptive,omitempty"`
	// reboot tells that the host has to be restarted.
	// +optional
	Reboot bool `json:"reboot,omitempty"`
	// total is the number of actions.
	// +optional
	Total int32 `json:"total,omitempty"`
	// actions are the first of them, in the order in which they would be done.
	// +kubebuilder:validation:MaxItems=32
	// +listType=atomic
	// +optional
	Actions []PlannedAction `json:"actions,omitempty"`
	// refusals are why nothing can be done as things are.
	// +kubebuilder:validation:MaxItems=16
	// +listType=atomic
	// +optional
	Refusals []string `json:"refusals,omitempty"`
}

// MaxPlannedActions is how many actions a status shows.
const MaxPlannedActions = 32

// PlannedAction is one step of a plan.
type PlannedAction struct {
	// action says what would be done to what, such as "update service kubelet".
	// +required
	Action string `json:"action"`
	// reason says why.
	// +optional
	Reason string `json:"reason,omitempty"`
	// disruptive tells that it interrupts what runs on the host.
	// +optional
	Disruptive bool `json:"disruptive,omitempty"`
}

// AppliedConfiguration is what was applied to a host.
type AppliedConfiguration struct {
	// nodeConfig is the WindowsNodeConfig.
	// +optional
	NodeConfig string `json:"nodeConfig,omitempty"`
	// nodeConfigGeneration is its generation.
	// +optional
	NodeConfigGeneration int64 `json:"nodeConfigGeneration,omitempty"`
	// bundle is the digest of the node bundle.
	// +optional
	Bundle string `json:"bundle,omitempty"`
	// kubernetesVersion is that of the kubelet.
	// +optional
	KubernetesVersion string `json:"kubernetesVersion,omitempty"`
	// digest is that of the configuration: node config, bundle and what nodes have to know of the cluster. It is the
	// same for all hosts that have the same.
	// +optional
	Digest string `json:"digest,omitempty"`
	// state is the digest of the desired state that was made of it for this host alone.
	// +optional
	State string `json:"state,omitempty"`
	// time is when the host was changed last.
	// +optional
	Time metav1.Time `json:"time,omitempty,omitzero"`
	// revision names the ControllerRevision, in the host's namespace, that keeps the spec of the node config as it was.
	// +optional
	Revision string `json:"revision,omitempty"`
	// previous names the ControllerRevision of the node config with which the host was Ready last, while that is
	// another one. It is what the host is taken back to.
	// +optional
	Previous string `json:"previous,omitempty"`
	// rolledBackFrom is the digest of a configuration with which the host did not become Ready, and which it is not
	// brought to again until it, or what it is made of, is another.
	// +optional
	RolledBackFrom string `json:"rolledBackFrom,omitempty"`
}

// HostNode is the node that a host is, or is to become.
type HostNode struct {
	// name is the node's name.
	// +required
	Name string `json:"name"`
	// address is the one of addresses by which the node is known: the one that its kubelet was given.
	// +optional
	Address string `json:"address,omitempty"`
	// addresses are the addresses for which the node may have a serving certificate: those that were verified over the
	// connection to the host.
	// +listType=atomic
	// +optional
	Addresses []string `json:"addresses,omitempty"`
	// bootstrapUser is the user as whom the host's own bootstrap credentials make it known to the API server. It is
	// gone when they are.
	// +optional
	BootstrapUser string `json:"bootstrapUser,omitempty"`
	// joined tells that the node was registered and had a serving certificate.
	// +optional
	Joined bool `json:"joined,omitempty"`
}

// HostClaim is for what a host waits to be taken out of service.
type HostClaim struct {
	// reason says for what.
	// +required
	Reason DisruptionReason `json:"reason"`
	// digest is that of the desired state to which it would lead; empty where it would lead to none.
	// +optional
	Digest string `json:"digest,omitempty"`
	// since is when it was asked for first.
	// +required
	Since metav1.Time `json:"since"`
	// refusal is one word for why it may not be yet: AwaitingTurn, OutsideMaintenanceWindow, RolloutPaused,
	// RolloutHalted or WouldStrandWorkloads.
	// +required
	Refusal string `json:"refusal"`
	// message is a sentence for it.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Message string `json:"message,omitempty"`
}

// HostDisruption is what takes a host out of service.
type HostDisruption struct {
	// reason says for what, in a word: Join, Change, Reboot, Retire or Remove.
	// +required
	Reason DisruptionReason `json:"reason"`
	// since is when its turn came.
	// +required
	Since metav1.Time `json:"since"`
	// digest is that of the configuration to which it leads; empty where it leads to none.
	// +optional
	Digest string `json:"digest,omitempty"`
	// cordonedByUs tells that the node was schedulable before, and is made so again at the end.
	// +optional
	CordonedByUs bool `json:"cordonedByUs,omitempty"`
	// drained tells that no pod is left that has to go.
	// +optional
	Drained bool `json:"drained,omitempty"`
}

// DisruptionReason is for what a host is taken out of service.
//
// +kubebuilder:validation:Enum=Join;Change;Reboot;Replace;Retire;Remove
type DisruptionReason string

// The reasons.
const (
	// DisruptionJoin: it was not in service yet. It takes no pods from anybody.
	DisruptionJoin DisruptionReason = "Join"
	// DisruptionChange: what runs on it changes.
	DisruptionChange DisruptionReason = "Change"
	// DisruptionReboot: it is restarted.
	DisruptionReboot DisruptionReason = "Reboot"
	// DisruptionReplace: its machine is replaced by another.
	DisruptionReplace DisruptionReason = "Replace"
	// DisruptionRetire: its build is retired.
	DisruptionRetire DisruptionReason = "Retire"
	// DisruptionRemove: it is given back.
	DisruptionRemove DisruptionReason = "Remove"
)

// HostReboots is what is known of reboots that were asked for.
type HostReboots struct {
	// attempts is how often it was tried for the reason of now. It is bounded: a host that wants to be
	// restarted again and again is left running and named.
	// +optional
	Attempts int32 `json:"attempts,omitempty"`
	// reason is why.
	// +optional
	Reason string `json:"reason,omitempty"`
	// lastBootID is the boot id before the last attempt.
	// +optional
	LastBootID string `json:"lastBootID,omitempty"`
	// time is that of the last attempt.
	// +optional
	Time metav1.Time `json:"time,omitempty,omitzero"`
}
