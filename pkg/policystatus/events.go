package policystatus

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// event is something to tell an administrator about a policy.
type event struct {
	kind, reason, note string
}

// changes lists what to tell when one status follows another. The status itself remembers what has been
// told, so a restart repeats nothing. What passes by itself, such as a RuntimeClass that is being made, is
// not told.
func changes(before, after []metav1.Condition) []event {
	var told []event
	for i := range after {
		c := &after[i]
		was := meta.FindStatusCondition(before, c.Type)
		if was != nil && was.Status == c.Status && was.Reason == c.Reason {
			continue
		}
		if kind := importance(c); kind != "" {
			told = append(told, event{kind, c.Reason, c.Message})
		}
	}
	return told
}

// importance is the type of the event for a condition that has become what it is; empty where there is none.
func importance(c *metav1.Condition) string {
	switch {
	case c.Type == v1alpha1.ConditionReady && c.Status == metav1.ConditionTrue,
		// A policy for a team before one for everybody is what priorities are for.
		c.Type == v1alpha1.ConditionOverlapping && c.Status == metav1.ConditionTrue:
		return corev1.EventTypeNormal
	case c.Type == v1alpha1.ConditionHostsUpToDate && c.Status == metav1.ConditionTrue:
		return corev1.EventTypeNormal
	case c.Type == v1alpha1.ConditionHostsUpToDate && c.Reason != v1alpha1.ReasonRollingOut:
		return corev1.EventTypeWarning
	case c.Type == v1alpha1.ConditionAccepted && c.Status == metav1.ConditionFalse:
		return corev1.EventTypeWarning
	case c.Type == v1alpha1.ConditionRuntimeClassesReady && c.Status == metav1.ConditionFalse &&
		c.Reason != v1alpha1.ReasonRuntimeClassPending:
		return corev1.EventTypeWarning
	default:
		return ""
	}
}
