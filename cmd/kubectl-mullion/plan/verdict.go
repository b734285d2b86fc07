package plan

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/terminal"
)

// verdict is the error by which the program ends.
func verdict(hosts []v1alpha1.WindowsHost) error {
	for i := range hosts {
		if needsSomebody(&hosts[i]) {
			return exit.ErrFindings
		}
	}
	return nil
}

// needsSomebody tells that a host does not become as it shall be by time alone.
func needsSomebody(host *v1alpha1.WindowsHost) bool {
	status := &host.Status
	if status.Phase == v1alpha1.HostFailed || status.Plan != nil && len(status.Plan.Refusals) > 0 {
		return true
	}
	if claim := status.Claim; claim != nil && (claim.Refusal == v1alpha1.ReasonWouldStrand || claim.Refusal == v1alpha1.ReasonRolloutHalted) {
		return true
	}
	for _, must := range []string{v1alpha1.HostConditionReachable, v1alpha1.HostConditionHostKeyVerified, v1alpha1.HostConditionPreflightPassed} {
		if meta.IsStatusConditionFalse(status.Conditions, must) {
			return true
		}
	}
	draining := meta.FindStatusCondition(status.Conditions, v1alpha1.HostConditionDraining)
	blocked := draining != nil && draining.Reason == v1alpha1.ReasonDrainBlocked
	return blocked || meta.IsStatusConditionTrue(status.Conditions, v1alpha1.HostConditionDegraded)
}

// styleOf marks what somebody has to look at.
func styleOf(host *v1alpha1.WindowsHost) terminal.Style {
	switch {
	case needsSomebody(host):
		return terminal.Red
	case host.Status.Phase == v1alpha1.HostReady:
		return ""
	case host.Status.Phase == v1alpha1.HostRetired:
		return terminal.Dim
	}
	return terminal.Yellow
}

// styleOfCondition marks the conditions that are not as they should be.
func styleOfCondition(c *metav1.Condition) terminal.Style {
	good := metav1.ConditionTrue
	switch c.Type {
	case v1alpha1.HostConditionDegraded, v1alpha1.HostConditionDraining, v1alpha1.HostConditionRebootRequired:
		good = metav1.ConditionFalse
	}
	switch c.Status {
	case good:
		return ""
	case metav1.ConditionUnknown:
		return terminal.Dim
	}
	return terminal.Yellow
}
