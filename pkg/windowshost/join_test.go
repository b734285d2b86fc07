package windowshost

import (
	"testing"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func TestABareHostBecomesAReadyNode(t *testing.T) {
	s := newScene(t)
	h := s.host("win-a")
	host := s.untilPhase(h, v1alpha1.HostReady)
	t.Log(host.Status.Message, s.passes)
	for _, e := range s.events.all() {
		t.Log(e)
	}
	for _, c := range host.Status.Conditions {
		t.Log(c.Type, c.Status, c.Reason, c.Message)
	}
	s.deleteHost(h)
	s.untilGone(h)
}
