package v1alpha1

// Conditions of a WindowsHost. Each is Unknown until the step that decides it has run.
const (
	// HostConditionReady: the host is a Ready node, as it shall be, and takes pods.
	HostConditionReady = "Ready"
	// HostConditionReachable: the last attempt to log in succeeded.
	HostConditionReachable = "Reachable"
	// HostConditionHostKeyVerified: the host has proven to be the one that was meant.
	HostConditionHostKeyVerified = "HostKeyVerified"
	// HostConditionPreflightPassed: nothing about the host keeps it from being a node.
	HostConditionPreflightPassed = "PreflightPassed"
	// HostConditionConfigured: what was applied last is on the host.
	HostConditionConfigured = "Configured"
	// HostConditionJoined: the node is registered and has its certificates.
	HostConditionJoined = "Joined"
	// HostConditionUpToDate: the host has the configuration that its policy wants, as it is now.
	HostConditionUpToDate = "UpToDate"
	// HostConditionDraining: pods are being moved off the host; the message names what blocks it.
	HostConditionDraining = "Draining"
	// HostConditionRebootRequired: the host has to be restarted.
	HostConditionRebootRequired = "RebootRequired"
	// HostConditionDegraded: the host serves, but something about it is not as it should be and needs somebody.
	HostConditionDegraded = "Degraded"
)

// Reasons of the conditions of a WindowsHost.
const (
	ReasonAsDesired            = "AsDesired"
	ReasonNotYet               = "NotYet"
	ReasonLoggedIn             = "LoggedIn"
	ReasonUnreachable          = "Unreachable"
	ReasonNameNotResolved      = "NameNotResolved"
	ReasonNotAuthorized        = "NotAuthorized"
	ReasonKeySecretInvalid     = "KeySecretInvalid"
	ReasonHostKeyPinned        = "Pinned"
	ReasonHostKeyRecorded      = "TrustedOnFirstUse"
	ReasonHostKeyMismatch      = "HostKeyMismatch"
	ReasonHostKeyUnknown       = "HostKeyUnknown"
	ReasonDuplicate            = "Duplicate"
	ReasonNoPolicy             = "NoPolicy"
	ReasonNoNodeConfig         = "NoNodeConfig"
	ReasonNodeConfigInvalid    = "NodeConfigInvalid"
	ReasonBundleUnavailable    = "BundleUnavailable"
	ReasonClusterUnknown       = "ClusterUnknown"
	ReasonRefused              = "Refused"
	ReasonPassed               = "Passed"
	ReasonApplied              = "Applied"
	ReasonApplyFailed          = "ApplyFailed"
	ReasonRolledBack           = "RolledBack"
	ReasonDrifted              = "Drifted"
	ReasonOutdated             = "Outdated"
	ReasonPaused               = "Paused"
	ReasonAwaitingTurn         = "AwaitingTurn"
	ReasonOutsideWindow        = "OutsideMaintenanceWindow"
	ReasonRolloutPaused        = "RolloutPaused"
	ReasonRolloutHalted        = "RolloutHalted"
	ReasonWouldStrand          = "WouldStrandWorkloads"
	ReasonDrainBlocked         = "DrainBlocked"
	ReasonDrained              = "Drained"
	ReasonNotDraining          = "NotDraining"
	ReasonAwaitingRegistration = "AwaitingRegistration"
	ReasonAwaitingCertificate  = "AwaitingCertificate"
	ReasonRegistered           = "Registered"
	ReasonNodeNotReady         = "NodeNotReady"
	ReasonBuildMismatch        = "BuildMismatch"
	ReasonBuildRetired         = "BuildRetired"
	ReasonNoRebootRequired     = "NoRebootRequired"
	ReasonRebootAsked          = "RebootAsked"
	ReasonRebootPending        = "RebootPending"
	ReasonRebootsExhausted     = "RebootsExhausted"
	ReasonRemoving             = "Removing"
	ReasonOrphaned             = "Orphaned"
	ReasonLeftBehind           = "LeftBehind"
	ReasonHostLocked           = "Locked"
	ReasonInternal             = "Internal"
)
