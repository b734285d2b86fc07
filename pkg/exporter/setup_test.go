package exporter

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func TestWhatDoesNotMatterToTargetsIsNoReasonToLook(t *testing.T) {
	for sentence, c := range map[string]struct {
		change func(*v1alpha1.WindowsHost)
		want   bool
	}{
		"another message": {func(h *v1alpha1.WindowsHost) { h.Status.Message = "drained" }, false},
		"another address": {func(h *v1alpha1.WindowsHost) {
			h.Status.Node.Address, h.Status.Node.Addresses = "10.0.0.9", []string{"10.0.0.9"}
		}, true},
		"another config": {func(h *v1alpha1.WindowsHost) { h.Status.Applied.NodeConfig = "other" }, true},
		"no node":        {func(h *v1alpha1.WindowsHost) { h.Status.Node = nil }, true},
	} {
		before, after := newHost("a", "metrics", "10.0.0.1"), newHost("a", "metrics", "10.0.0.1")
		c.change(after)
		if got := changing(sameHost).Update(event.UpdateEvent{ObjectOld: before, ObjectNew: after}); got != c.want {
			t.Errorf("%s: %t", sentence, got)
		}
	}
	before, after := newNode("a", corev1.ConditionTrue), newNode("a", corev1.ConditionTrue)
	after.Labels["example.com/rack"] = "7"
	if changing(sameNode).Update(event.UpdateEvent{ObjectOld: before, ObjectNew: after}) {
		t.Error("a label of a node is a reason to look")
	}
	after.Status.Conditions[0].Status = corev1.ConditionUnknown
	if !changing(sameNode).Update(event.UpdateEvent{ObjectOld: before, ObjectNew: after}) {
		t.Error("a node that is lost is no reason to look")
	}
}
