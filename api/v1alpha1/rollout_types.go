package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// RolloutPolicy says how hosts are brought to what the policy wants: how many at once, when, and when to stop.
//
// +kubebuilder:validation:XValidation:rule="!has(self.maxUnavailable) || (type(self.maxUnavailable) == int ? self.maxUnavailable >= 1 : self.maxUnavailable.matches('^([1-9][0-9]?|100)%$'))",message="maxUnavailable is a number from 1, or from 1% to 100%",fieldPath=".maxUnavailable"
type RolloutPolicy struct {
	// strategy is how a host is brought to another configuration. InPlace changes what runs on it. Replace deletes
	// the Machine that it was made for, so that another one is made; hosts that are no Machine's are changed in place.
	// +kubebuilder:default=InPlace
	// +optional
	Strategy RolloutStrategy `json:"strategy,omitempty"`

	// maxUnavailable is how many of the policy's hosts, a number or a percentage of all rounded down to no less than
	// one, may be out of service at once. Hosts that are out of service for other reasons count, whatever made them.
	// +kubebuilder:default=1
	// +kubebuilder:validation:XIntOrString
	// +optional
	MaxUnavailable *intstr.IntOrString `json:"maxUnavailable,omitempty"`

	// canary is how many hosts are changed first. Only when they have been Ready for canarySoak do the others follow.
	// +kubebuilder:default=1
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	// +optional
	Canary *int32 `json:"canary,omitempty"`

	// canarySoak is how long the canaries have to have been Ready.
	// +kubebuilder:default="5m"
	// +optional
	CanarySoak *metav1.Duration `json:"canarySoak,omitempty"`

	// paused lets nothing begin. What has begun is brought to its end.
	// +optional
	Paused bool `json:"paused,omitempty"`

	// maintenanceWindows are when hosts may be taken out of service. Without any, at all times. What has begun in one
	// is brought to its end. New hosts join at all times.
	// +kubebuilder:validation:MaxItems=16
	// +listType=atomic
	// +optional
	MaintenanceWindows []MaintenanceWindow `json:"maintenanceWindows,omitempty"`

	// failureBudget is how many hosts may fail to be changed to the same configuration before no further one is
	// begun. A change that was rolled back counts.
	// +kubebuilder:default=1
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	// +optional
	FailureBudget *int32 `json:"failureBudget,omitempty"`

	// drain says how pods are moved off a host.
	// +optional
	Drain DrainPolicy `json:"drain,omitempty,omitzero"`

	// deprecated says what happens to hosts of builds whose state is Deprecated. Keep leaves them. Evacuate takes
	// them out of service as those of retired builds are.
	// +kubebuilder:default=Keep
	// +optional
	Deprecated DeprecatedAction `json:"deprecated,omitempty"`

	// rollback says what happens to a host that does not become Ready with a new configuration. Automatic goes back
	// to the one before, whose programs are still there. None leaves it for somebody to look at.
	// +kubebuilder:default=Automatic
	// +optional
	Rollback RollbackAction `json:"rollback,omitempty"`
}

// RolloutStrategy is how a host is brought to another configuration.
//
// +kubebuilder:validation:Enum=InPlace;Replace
type RolloutStrategy string

const (
	// RolloutInPlace changes what runs on the host.
	RolloutInPlace RolloutStrategy = "InPlace"
	// RolloutReplace deletes the Machine.
	RolloutReplace RolloutStrategy = "Replace"
)

// DeprecatedAction is what happens to hosts of a deprecated build.
//
// +kubebuilder:validation:Enum=Keep;Evacuate
type DeprecatedAction string

const (
	// DeprecatedKeep leaves them.
	DeprecatedKeep DeprecatedAction = "Keep"
	// DeprecatedEvacuate takes them out of service.
	DeprecatedEvacuate DeprecatedAction = "Evacuate"
)

// RollbackAction is what happens to a host that does not become Ready with a new configuration.
//
// +kubebuilder:validation:Enum=Automatic;None
type RollbackAction string

const (
	// RollbackAutomatic goes back to the configuration before.
	RollbackAutomatic RollbackAction = "Automatic"
	// RollbackNone leaves the host for somebody to look at.
	RollbackNone RollbackAction = "None"
)

// MaintenanceWindow is a time in which hosts may be taken out of service.
type MaintenanceWindow struct {
	// schedule is when it opens, as cron has it: minute, hour, day of the month, month, day of the week.
	// +kubebuilder:validation:MinLength=9
	// +kubebuilder:validation:MaxLength=256
	// +required
	Schedule string `json:"schedule"`

	// timeZone is the one of the schedule, by its name in the IANA database, such as Europe/Berlin.
	// +kubebuilder:default=UTC
	// +kubebuilder:validation:MaxLength=64
	// +optional
	TimeZone string `json:"timeZone,omitempty"`

	// duration is how long it is open, from one minute to a week.
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1m') && duration(self) <= duration('168h')",message="duration is from 1m to 168h"
	// +required
	Duration metav1.Duration `json:"duration"`
}

// DrainPolicy says how pods are moved off a host. Pods have their own grace period, and PodDisruptionBudgets hold.
type DrainPolicy struct {
	// timeout is how long it may take. A host that is not drained by then is given its pods again, and the condition
	// Draining says what blocked it.
	// +kubebuilder:default="30m"
	// +optional
	Timeout *metav1.Duration `json:"timeout,omitempty"`

	// deleteEmptyDirData permits to evict pods whose emptyDir volumes are lost with them.
	// +kubebuilder:default=true
	// +optional
	DeleteEmptyDirData *bool `json:"deleteEmptyDirData,omitempty"`

	// unmanagedPods says what happens to pods that nothing makes again. Block leaves the host as it is and names them.
	// Delete deletes them.
	// +kubebuilder:default=Block
	// +optional
	UnmanagedPods UnmanagedPodsAction `json:"unmanagedPods,omitempty"`
}

// UnmanagedPodsAction is what happens to pods that nothing makes again.
//
// +kubebuilder:validation:Enum=Block;Delete
type UnmanagedPodsAction string

const (
	// UnmanagedPodsBlock leaves the host as it is.
	UnmanagedPodsBlock UnmanagedPodsAction = "Block"
	// UnmanagedPodsDelete deletes them.
	UnmanagedPodsDelete UnmanagedPodsAction = "Delete"
)

// RolloutStatus is how far the policy's hosts are.
type RolloutStatus struct {
	// summary is the rollout in one line, such as "4 of 6 hosts up to date, 1 changing, 1 blocked".
	// +optional
	Summary string `json:"summary,omitempty"`
	// hosts is the number of hosts that live under the policy.
	// +optional
	Hosts int32 `json:"hosts"`
	// upToDate is how many of them are as the policy wants them.
	// +optional
	UpToDate int32 `json:"upToDate"`
	// inProgress is how many of them are being changed.
	// +optional
	InProgress int32 `json:"inProgress"`
	// blocked is how many of them may not be changed because of what runs on them.
	// +optional
	Blocked int32 `json:"blocked"`
	// failed is how many of them could not be changed.
	// +optional
	Failed int32 `json:"failed"`
	// unavailable is how many of them are out of service, for whatever reason.
	// +optional
	Unavailable int32 `json:"unavailable"`
	// halted says why no further host is begun; empty where it is not so.
	// +optional
	Halted string `json:"halted,omitempty"`
	// nextWindow is when the next maintenance window opens, while none is open and something waits for it.
	// +optional
	NextWindow *metav1.Time `json:"nextWindow,omitempty"`
	// estimatedCompletion is when all hosts would be up to date if it went on as it went so far; absent where that
	// cannot be told.
	// +optional
	EstimatedCompletion *metav1.Time `json:"estimatedCompletion,omitempty"`
	// blocking names the first of the hosts that are blocked, and why.
	// +kubebuilder:validation:MaxItems=10
	// +listType=map
	// +listMapKey=host
	// +optional
	Blocking []BlockedHost `json:"blocking,omitempty"`
}

// MaxBlockedHosts is how many blocked hosts a status names.
const MaxBlockedHosts = 10

// BlockedHost is a host that may not be changed because of what runs on it.
type BlockedHost struct {
	// host is the WindowsHost, as namespace/name.
	// +required
	Host string `json:"host"`
	// reason is one word.
	// +required
	Reason string `json:"reason"`
	// message is a sentence with pod, image and what would free it.
	// +required
	Message string `json:"message"`
}
