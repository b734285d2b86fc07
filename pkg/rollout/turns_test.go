package rollout

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

const waitsForA = "AwaitingTurn Waits for prod/a (Change); 1 of 2 hosts may be out of service at once."

func TestATurnCountsFromWhenItWasGiven(t *testing.T) {
	s := newScene(t, windowsHost("a"), windowsHost("b"))
	s.expect("a", change, "")
	s.expect("b", change, waitsForA)
	s.expect("a", change, "") // Its status could not be written, so it asks again.
	s.expect("b", change, waitsForA)
}

func TestATurnThatIsReturnedIsTheNextOnes(t *testing.T) {
	s := newScene(t, windowsHost("a"), windowsHost("b"))
	s.expect("a", change, "")
	s.turns.Give(key("a"))
	s.turns.Give(key("a")) // Returning nothing does no harm.
	s.expect("b", change, "")
}

func TestATurnIsKnownFromTheStatusAloneAfterARestart(t *testing.T) {
	s := newScene(t, windowsHost("a", outOfService(change, now)), windowsHost("b"))
	s.expect("b", change, waitsForA)
	s.restart()
	s.expect("b", change, waitsForA)
	s.expect("a", change, "")
	if s.asked != nil {
		t.Errorf("a host that has its turn was asked about again: %v", s.asked)
	}
}

func TestATurnThatTheCacheHasShownIsOverWhenTheCacheShowsNoneAnyMore(t *testing.T) {
	s := newScene(t, windowsHost("a"), windowsHost("b"))
	s.expect("a", change, "")
	s.update("a", outOfService(change, now))
	s.expect("b", change, waitsForA)
	s.update("a", func(h *v1alpha1.WindowsHost) { h.Status.Disruption = nil })
	s.expect("b", change, "")
}

func TestATurnIsNotTakenForAnEarlierOneWhoseEndTheCacheHasNotShown(t *testing.T) {
	s := newScene(t, windowsHost("a", outOfService(change, now.Add(-time.Hour))), windowsHost("b"))
	fresh := s.host("a")
	fresh.Status.Disruption = nil // Its end was written, and the cache lags behind.
	if d, err := s.turns.Take(t.Context(), Ask{Host: fresh, Policy: s.policy, Reason: change}); err != nil || !d.May {
		t.Fatalf("%+v, %v", d, err)
	}
	s.expect("b", change, waitsForA)
	s.update("a", func(h *v1alpha1.WindowsHost) { h.Status.Disruption = nil })
	s.expect("b", change, waitsForA) // The turn of now is not in the cache yet.
	s.update("a", outOfService(change, now))
	s.expect("b", change, waitsForA)
	s.update("a", func(h *v1alpha1.WindowsHost) { h.Status.Disruption = nil })
	s.expect("b", change, "")
}

func TestATurnThatNobodyTookIsForgotten(t *testing.T) {
	for sentence, happens := range map[string]func(*scene){
		"because its pass ended": func(s *scene) { s.clock.SetTime(now.Add(maxUnwritten + time.Second)) },
		"because it is deleted":  func(s *scene) { s.delete("a") },
	} {
		t.Run(sentence, func(t *testing.T) {
			s := newScene(t, windowsHost("a"), windowsHost("b"))
			s.expect("a", change, "")
			happens(s)
			s.expect("b", change, "")
		})
	}
}

func TestHostsThatWaitComeBeforeOnlyWhileTheyAsk(t *testing.T) {
	const waits = "AwaitingTurn Waits for prod/a (comes first); 1 of 2 hosts may be out of service at once."
	s := newScene(t, windowsHost("a", claiming(change)), windowsHost("b"))
	s.expect("b", change, waits) // It may be about to ask.
	s.clock.SetTime(now.Add(patience + time.Second))
	s.expect("b", change, "") // It was not heard of.
	s.turns.Give(key("b"))

	s.update("b", outOfService(change, s.clock.Now()))
	s.expect("a", change, "AwaitingTurn Waits for prod/b (Change); 1 of 2 hosts may be out of service at once.")
	s.update("b", func(h *v1alpha1.WindowsHost) { h.Status.Disruption = nil })
	s.clock.SetTime(s.clock.Now().Add(time.Minute))
	s.expect("b", change, waits) // It has asked lately.
	s.clock.SetTime(s.clock.Now().Add(patience))
	s.expect("b", change, "")
}

func TestHostsOfOtherPoliciesDoNotCount(t *testing.T) {
	s := newScene(t, windowsHost("b"),
		windowsHost("a", outOfService(change, now), func(h *v1alpha1.WindowsHost) { h.Status.Policy = "other" }))
	s.expect("b", change, "")
}

func TestHostsThatAskAtOnceHaveNoMoreTurnsThanMayBe(t *testing.T) {
	var hosts []*v1alpha1.WindowsHost
	for i := range 12 {
		hosts = append(hosts, windowsHost(fmt.Sprintf("h%02d", i)))
	}
	s := newScene(t, hosts...)
	s.policy.Spec.Rollout = policy(atOnce("3"))
	var group sync.WaitGroup
	given := make(chan string, len(hosts))
	for _, h := range hosts {
		group.Go(func() {
			d, err := s.turns.Take(t.Context(), Ask{Host: h, Policy: s.policy, Reason: change, Node: h.Status.Node.Name})
			if err != nil {
				t.Error(err)
			}
			if d.May {
				given <- h.Name
			}
		})
	}
	group.Wait()
	if len(given) != 3 {
		t.Errorf("%d hosts have a turn", len(given))
	}
}

func TestAnswersAreCounted(t *testing.T) {
	s := newScene(t, windowsHost("a"), windowsHost("b"))
	s.expect("a", change, "")
	s.expect("b", change, waitsForA)
	s.expect("b", change, waitsForA)
	want := `
# HELP mullion_rollout_asks_total Times that a host asked for its turn, by the answer: Given, or why not.
# TYPE mullion_rollout_asks_total counter
mullion_rollout_asks_total{answer="AwaitingTurn"} 2
mullion_rollout_asks_total{answer="Given"} 1
`
	if err := testutil.GatherAndCompare(s.metrics, strings.NewReader(want), "mullion_rollout_asks_total"); err != nil {
		t.Error(err)
	}
}
