package fleet

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/scriptedhosts"
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

// Half of the healthy hosts join with none broken, and then as many with 20 broken ones that were there before them: broken
// hosts have the first turn at the workers. A host that hangs holds a worker for minutes, so if healthy ones had to wait for
// such they would take many times as long. What else runs on this machine has changed less between two halves of a minute:
// three times as long is beyond it.
func TestBrokenHostsDelayNoOthers(t *testing.T) {
	const half, broken, factor = 90, 20, 3
	s := newScene(t, v1alpha1.RolloutPolicy{})
	without := s.join(half, "early", current)
	ailments := slices.DeleteFunc(scriptedhosts.Ailments(), func(a scriptedhosts.Ailment) bool { return !a.Permanent() })
	s.given(several(broken, "broken", ailments...)...)
	s.untilTouched(broken)
	with := s.join(half, "late", current)
	t.Logf("%d hosts are Ready after %v, and after %v with %d broken", half, without, with, broken)
	if with > factor*without {
		t.Errorf("the last of %d is Ready after %v, and after %v with none broken", half, with, without)
	}
	for _, host := range s.all() {
		if isBroken(host) && isReady(host) {
			t.Errorf("%s is Ready though it is broken", host.Name)
		}
	}
}

// join has hosts join, and returns how long that took.
func (s *scene) join(count int, name, version string) time.Duration {
	s.T.Helper()
	before := s.ready(version)
	began := time.Now()
	s.given(several(count, name)...)
	s.untilReady(before+count, version)
	return time.Since(began)
}

// untilTouched waits until so many broken hosts have been seen by the node manager: it has added its finalizer.
func (s *scene) untilTouched(count int) {
	s.T.Helper()
	s.until("the broken hosts are known", func() bool {
		touched := 0
		for _, host := range s.all() {
			if isBroken(host) && slices.Contains(host.Finalizers, v1alpha1.FinalizerHost) {
				touched++
			}
		}
		return touched == count
	})
}

func isBroken(host *v1alpha1.WindowsHost) bool { return strings.Contains(host.Name, "-broken-") }
