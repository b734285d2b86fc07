package state

import "slices"

// Plan is what has to be done to a host. It is complete before anything is done, and empty when nothing is left.
type Plan struct {
	Schema string `json:"schema"`
	// Desired is the SHA-256 of the desired state that the plan leads to; empty in a plan of removal.
	Desired string `json:"desired,omitzero"`
	// Refusals are why nothing can be done as things are. A plan with refusals is not applied.
	Refusals []Finding `json:"refusals,omitzero"`
	// Missing are contents that have to be uploaded before the plan can be applied.
	Missing []Content `json:"missing,omitzero"`
	// RebootRequired are the reasons, a sentence each, for which the host has to boot before what was done already takes
	// effect.
	RebootRequired []string `json:"rebootRequired,omitzero"`
	// Notes are what somebody should know though nothing is done about it.
	Notes []string `json:"notes,omitzero"`
	// Actions are in the order in which they are done.
	Actions []Action `json:"actions,omitzero"`
}

// Empty tells whether the host is already as desired.
func (p Plan) Empty() bool {
	return len(p.Actions) == 0 && len(p.Refusals) == 0 && len(p.RebootRequired) == 0
}

// NeedsReboot tells whether the host has to boot for the plan to be complete.
func (p Plan) NeedsReboot() bool {
	return len(p.RebootRequired) > 0 ||
		slices.ContainsFunc(p.Actions, func(action Action) bool { return action.Reboot || action.AfterReboot })
}

// Content is content by digest.
type Content struct {
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// Verb is what an action does.
type Verb string

// The verbs.
const (
	VerbCreate Verb = "create"
	VerbUpdate Verb = "update"
	// VerbOwn notes that what others make from now on is ours to delete. It changes nothing on the host.
	VerbOwn Verb = "own"
	// VerbDelete deletes what we made.
	VerbDelete Verb = "delete"
	// VerbRestore puts back what was there before us.
	VerbRestore Verb = "restore"
	// VerbForget drops from the manifest what has already gone, or stays with its host.
	VerbForget Verb = "forget"
	VerbStop   Verb = "stop"
	VerbStart  Verb = "start"
	// VerbRestart stops and starts the agent's own service. It cannot do that to itself: it ends, and the service control
	// manager starts it again.
	VerbRestart Verb = "restart"
)

// Action is one step of a plan.
type Action struct {
	Verb Verb `json:"verb"`
	ID   ID   `json:"id"`
	// Reason is a sentence.
	Reason  string   `json:"reason"`
	Changes []Change `json:"changes,omitzero"`
	// Disruptive actions interrupt what runs on the host.
	Disruptive bool `json:"disruptive,omitzero"`
	// Reboot tells that the action takes effect with the next boot.
	Reboot bool `json:"reboot,omitzero"`
	// AfterReboot tells that the action waits for that boot: the next apply does it.
	AfterReboot bool `json:"afterReboot,omitzero"`
}

// Change is one difference. What is secret shows as the beginning of its digest.
type Change struct {
	Field string `json:"field"`
	From  string `json:"from,omitzero"`
	To    string `json:"to,omitzero"`
}

// Finding is something about the host that is in the way.
type Finding struct {
	Code FindingCode `json:"code"`
	// ID is the resource that it is about, if it is about one.
	ID *ID `json:"id,omitzero"`
	// Message says what is wrong and what to do about it.
	Message string `json:"message"`
}

// FindingCode tells findings apart for programs.
type FindingCode string

// The codes.
const (
	FindingOwnedByAnother      FindingCode = "OwnedByAnother"
	FindingUnsupportedBuild    FindingCode = "UnsupportedBuild"
	FindingUnsupportedLanguage FindingCode = "UnsupportedLanguage"
	FindingInvalidHostname     FindingCode = "InvalidHostname"
	FindingDomainMember        FindingCode = "DomainMember"
	FindingRebootPending       FindingCode = "RebootPending"
	FindingClockSkew           FindingCode = "ClockSkew"
	FindingForeignService      FindingCode = "ForeignService"
	FindingForeignRule         FindingCode = "ForeignRule"
	FindingPortInUse           FindingCode = "PortInUse"
	FindingDiskSpace           FindingCode = "DiskSpace"
	FindingPathInTheWay        FindingCode = "PathInTheWay"
	FindingFeatureUnknown      FindingCode = "FeatureUnknown"
	FindingUnreadableList      FindingCode = "UnreadableList"
)
