package windowshost

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// tell records what has become of a host, when it has. The status remembers what was told, so a restart repeats nothing.
func (s *store) tell(host *v1alpha1.WindowsHost, before *v1alpha1.WindowsHostStatus) {
	after := &host.Status
	if after.Phase != before.Phase && after.Phase != v1alpha1.HostFailed && after.Phase != "" {
		s.event(host, corev1.EventTypeNormal, string(after.Phase), after.Message)
	}
	if failedAnew(before.LastError, after.LastError) {
		s.event(host, corev1.EventTypeWarning, after.LastError.Reason, after.LastError.Message)
	}
	if rolledBack(after) != rolledBack(before) && rolledBack(after) != "" {
		s.event(host, corev1.EventTypeWarning, v1alpha1.ReasonRolledBack, after.Message)
	}
}

func failedAnew(before, after *v1alpha1.HostError) bool {
	return after != nil && (before == nil || before.Reason != after.Reason || before.Step != after.Step)
}

func rolledBack(status *v1alpha1.WindowsHostStatus) string {
	if status.Applied == nil {
		return ""
	}
	return status.Applied.RolledBackFrom
}

// event records one. The API takes notes of up to 1 kB.
func (s *store) event(host *v1alpha1.WindowsHost, kind, reason, note string) {
	s.events.Eventf(host, nil, kind, reason, "Reconcile", "%s", shortened(s.redact(note), maxMessage))
}
