package windowshost

import (
	"errors"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/drain"
	"github.com/mullion-dev/mullion/pkg/rollout"
)

// blocked is what keeps a pod while its budget does not yield.
func blocked(over bool) (drain.Progress, error) {
	return drain.Progress{Left: 1, TimedOut: over, Blocked: []drain.Blocker{
		{Namespace: "shop", Pod: "web-0", Reason: drain.ReasonBudget, Message: "PodDisruptionBudget web allows 0"},
	}}, nil
}

// resting is a scene with a host that has its pods in peace, since its drain took too long.
func resting(t *testing.T) (*scene, *fakeHost) {
	t.Helper()
	s := newScene(t)
	h := ready(s)
	s.drainer.progress = func(drain.Options) (drain.Progress, error) { return blocked(false) }
	s.changeConfig(setVersion("v1.37.3"))
	s.untilPhase(h, v1alpha1.HostDraining)
	s.drainer.progress = func(drain.Options) (drain.Progress, error) { return blocked(true) }
	s.untilPhase(h, v1alpha1.HostWaiting)
	return s, h
}

// turnsAsked is how often a turn was asked for.
func turnsAsked(s *scene) int { return len(s.turns.reasons()) }

func TestAHostRestsAfterABlockedDrainAndSaysUntilWhen(t *testing.T) {
	t.Parallel()
	s, h := resting(t)
	asked, began := turnsAsked(s), s.clock.Now()
	host := s.get(h)
	expectMessage(t, host, "shop/web-0", "It is tried again when nothing keeps them, at 03:", "UTC at the latest.")
	if written := host.ResourceVersion; s.passed(h).ResourceVersion != written {
		t.Error("its status was written although nothing has changed")
	}
	for turnsAsked(s) == asked {
		s.passed(h)
	}
	if rested := s.clock.Now().Sub(began); rested < drainRest-2*drainLook || rested > drainRest+drainLook {
		t.Errorf("it rested for %s", rested)
	}
	if s.drainer.looks < 10 {
		t.Errorf("meanwhile it was looked %d times what keeps its pods", s.drainer.looks)
	}
}

func TestARestIsOverWhenNothingKeepsThePodsAnyMore(t *testing.T) {
	t.Parallel()
	s, h := resting(t)
	asked := turnsAsked(s)
	s.drainer.progress = func(drain.Options) (drain.Progress, error) { return drain.Progress{Left: 1}, nil }
	s.passed(h)
	if turnsAsked(s) == asked {
		t.Error("it rests on")
	}
	s.drainer.progress = nil
	s.untilReadyAt(h, 2)
}

func TestARestIsOverWhenSomebodyAsksForALook(t *testing.T) {
	t.Parallel()
	s, h := resting(t)
	s.turns.refusal = &rollout.Decision{Reason: v1alpha1.ReasonAwaitingTurn, Message: "Another host is out of service."}
	s.changeHost(h, func(host *v1alpha1.WindowsHost) {
		metav1.SetMetaDataAnnotation(&host.ObjectMeta, v1alpha1.AnnotationReconcile, "1")
	})
	for range 2 { // Who waits for a turn by then does not rest again.
		expectMessage(t, s.passed(h), "Another host is out of service.")
	}
	s.turns.refusal = nil
	s.until(h, "drained again", func(host *v1alpha1.WindowsHost) bool { return host.Status.Disruption != nil })
}

func TestARestGoesOnWhileItCannotBeToldWhatKeepsThePods(t *testing.T) {
	t.Parallel()
	s, h := resting(t)
	asked := turnsAsked(s)
	s.drainer.progress = func(drain.Options) (drain.Progress, error) {
		return drain.Progress{}, errors.New("the API server is away")
	}
	host := s.passed(h)
	expectPhase(t, host, v1alpha1.HostWaiting)
	if turnsAsked(s) != asked || host.Status.LastError.Reason != v1alpha1.ReasonDrainBlocked {
		t.Errorf("it does not rest: %+v", host.Status.LastError)
	}
}

func TestARestDoublesWithEachDrainUpToTwoHours(t *testing.T) {
	for drains, want := range map[int32]time.Duration{
		1: 15 * time.Minute, 2: 30 * time.Minute, 3: time.Hour, 4: 2 * time.Hour, 5: 2 * time.Hour, 1 << 30: 2 * time.Hour,
	} {
		if got := restAfter(drains); got != want {
			t.Errorf("after %d: %s, not %s", drains, got, want)
		}
	}
}

func TestADrainThatIsOverAtOnceIsFollowedByARest(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.drainer.progress = func(drain.Options) (drain.Progress, error) { return blocked(true) }
	s.changeConfig(setVersion("v1.37.3"))
	s.untilPhase(h, v1alpha1.HostFailed)
	asked := turnsAsked(s)
	expectPhase(t, s.passed(h), v1alpha1.HostWaiting)
	if turnsAsked(s) != asked {
		t.Error("it is taken out of service again at once")
	}
}
