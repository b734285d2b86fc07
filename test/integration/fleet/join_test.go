package fleet

import (
	"testing"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func TestBareHostsBecomeNodesByARestart(t *testing.T) {
	s := newScene(t, v1alpha1.RolloutPolicy{})
	specs := several(2, "bare")
	specs[0].Bare = true
	s.given(specs...)
	s.untilReady(2, current)
	s.untilNodesServe(current)
	if facts := s.host(s.hosts[0].Name()).Status.Facts; facts.BootID != "boot-2" {
		t.Errorf("the bare host is at %s", facts.BootID)
	}
}
