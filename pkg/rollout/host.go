package rollout

import (
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// Host is what a rollout has to know of a host: what its status shows, and what its policy wants of it.
type Host struct {
	// Key is the WindowsHost, and Created is when it was made.
	Key     types.NamespacedName
	Created time.Time
	// HasNode tells that there is a node that pods may be on: it has joined and was not given back, or it is to be taken
	// over from what made it a node before us. Node is the node, which it may be yet to become.
	HasNode bool
	Node    string
	// Available tells that it is in service, ReadySince since when, and OutBecause in a word why it is not.
	Available  bool
	ReadySince time.Time
	OutBecause string
	// UpToDate tells that it is as its policy wants it.
	UpToDate bool
	// Has is the change that was made to it last, at AppliedAt. Wanted is the one that it is to have.
	Has, Wanted Change
	AppliedAt   time.Time
	// Failed tells that it could not be brought to what is wanted.
	Failed bool
	// Wants is for what it waits to be taken out of service; empty where it waits for nothing. Refusal and Message are
	// what it was told last.
	Wants            v1alpha1.DisruptionReason
	Refusal, Message string
	// Disruption is its turn; nil where it has none.
	Disruption *v1alpha1.HostDisruption
	// DrainBlocked says what keeps it from being drained, or kept it until it had its pods in peace for a while.
	DrainBlocked string
}

// OfHost reads the status of a host. What is wanted of it is not there, but with its policy: see OfPolicy.
func OfHost(host *v1alpha1.WindowsHost) Host {
	status := &host.Status
	h := Host{
		Key:        types.NamespacedName{Namespace: host.Namespace, Name: host.Name},
		Created:    host.CreationTimestamp.Time,
		UpToDate:   meta.IsStatusConditionTrue(status.Conditions, v1alpha1.HostConditionUpToDate),
		Disruption: status.Disruption,
	}
	h.Failed = !h.UpToDate && failed(status)
	if status.Node != nil {
		h.Node = status.Node.Name
		h.HasNode = status.Phase != v1alpha1.HostRetired && (status.Node.Joined || isTakenOver(status))
	}
	if a := status.Applied; a != nil {
		h.Has, h.AppliedAt = Change{a.NodeConfig, a.NodeConfigGeneration, a.Digest}, a.Time.Time
	}
	h.readService(meta.FindStatusCondition(status.Conditions, v1alpha1.HostConditionReady))
	c := meta.FindStatusCondition(status.Conditions, v1alpha1.HostConditionDraining)
	if c != nil && c.Reason == v1alpha1.ReasonDrainBlocked && !h.UpToDate {
		h.DrainBlocked = c.Message
	}
	if status.Disruption == nil && status.Claim != nil {
		h.Wants, h.Refusal, h.Message = status.Claim.Reason, status.Claim.Refusal, status.Claim.Message
	}
	return h
}

// isTakenOver tells whether a host that has not joined by us is a node all the same: it waits for its turn, or has it, and
// not to join.
func isTakenOver(status *v1alpha1.WindowsHostStatus) bool {
	switch {
	case status.Disruption != nil:
		return status.Disruption.Reason != v1alpha1.DisruptionJoin
	case status.Claim != nil:
		return status.Claim.Reason != v1alpha1.DisruptionJoin
	default:
		return false
	}
}

// readService reads whether the host is in service.
func (h *Host) readService(ready *metav1.Condition) {
	switch {
	case ready == nil:
		h.OutBecause = v1alpha1.ReasonNotYet
	case ready.Status == metav1.ConditionTrue:
		h.Available, h.ReadySince = true, ready.LastTransitionTime.Time
	case servesNevertheless(ready.Reason):
		h.Available = true
	default:
		h.OutBecause = ready.Reason
	}
}

// servesNevertheless tells whether a host that is not as it shall be for this reason takes pods all the same. Were it
// counted as out of service, a fleet that is outdated as a whole could never be changed.
func servesNevertheless(reason string) bool {
	switch reason {
	case v1alpha1.ReasonOutdated, v1alpha1.ReasonDrifted, v1alpha1.ReasonPaused, v1alpha1.ReasonRolledBack,
		v1alpha1.ReasonAwaitingTurn, v1alpha1.ReasonOutsideWindow, v1alpha1.ReasonRolloutPaused,
		v1alpha1.ReasonRolloutHalted, v1alpha1.ReasonWouldStrand:
		return true
	default:
		return false
	}
}

// failed tells whether a host that is not up to date could not be brought to what is wanted now. One that could not be
// reached, or has never been a node, has proven nothing of the change.
func failed(status *v1alpha1.WindowsHostStatus) bool {
	if status.Applied != nil && status.Applied.RolledBackFrom != "" {
		wanted := wantedDigest(status)
		return wanted == "" || wanted == status.Applied.RolledBackFrom
	}
	if status.Phase != v1alpha1.HostFailed || status.LastError == nil || status.Node == nil || !status.Node.Joined {
		return false
	}
	switch status.LastError.Step {
	case v1alpha1.StepApply, v1alpha1.StepReboot, v1alpha1.StepJoin, v1alpha1.StepVerify:
		return true
	default:
		return false
	}
}
