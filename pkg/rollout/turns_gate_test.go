package rollout

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func TestTheGateIsAskedLastAndAboutWhatLeavesForGood(t *testing.T) {
	s := newScene(t, windowsHost("a"), windowsHost("b"), windowsHost("c", outOfService(change, now)),
		windowsHost("d", outOfService(retire, now), func(h *v1alpha1.WindowsHost) { h.Status.Policy = "other" }))
	s.expect("a", change, "AwaitingTurn Waits for prod/c (Change); 1 of 3 hosts may be out of service at once.")
	if s.asked != nil {
		t.Errorf("the gate was asked about a host that may not go anyway: %v", s.asked)
	}
	s.update("c", func(h *v1alpha1.WindowsHost) { h.Status.Disruption = nil })
	s.expect("a", change, "")
	if diff := cmp.Diff([][]string{{"node-a", "node-d"}}, s.asked); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAHostWithoutPodsIsNotAskedAbout(t *testing.T) {
	s := newScene(t, windowsHost("a", func(h *v1alpha1.WindowsHost) { h.Status.Node = nil }), windowsHost("b"))
	s.expect("a", v1alpha1.DisruptionRemove, "")
	s.expect("b", v1alpha1.DisruptionJoin, "")
	if s.asked != nil {
		t.Errorf("asked about %v", s.asked)
	}
}

func TestAHostThatSomebodyElseMadeANodeWaitsForItsTurn(t *testing.T) {
	s := newScene(t, windowsHost("a", outOfService(change, now)), windowsHost("b", func(h *v1alpha1.WindowsHost) {
		h.Status.Node.Joined, h.Status.Conditions = false, nil
	}))
	s.expect("b", change, waitsForA)
	s.update("a", func(h *v1alpha1.WindowsHost) { h.Status.Disruption = nil })
	s.expect("b", change, "")
	if diff := cmp.Diff([][]string{{"node-b"}}, s.asked); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAHostStaysWhosePodsWouldBeStranded(t *testing.T) {
	s := newScene(t, windowsHost("a"), windowsHost("b"))
	s.gate = func(context.Context, []string) (bool, string, error) {
		return false, "pod shop/web-1 would have nowhere to go", nil
	}
	s.expect("a", retire, "WouldStrandWorkloads The host stays: pod shop/web-1 would have nowhere to go.")
	s.gate = nil
	s.update("a", func(h *v1alpha1.WindowsHost) {
		h.Status.Claim = Claim(Ask{Reason: retire}, Decision{Reason: v1alpha1.ReasonWouldStrand}, nil, metav1.NewTime(now))
	})
	s.expect("b", retire, "") // It holds up nobody.
}

func TestWhatTheGateCannotTellIsAnError(t *testing.T) {
	s := newScene(t, windowsHost("a"), windowsHost("b"))
	unavailable := errors.New("the API server is away")
	s.gate = func(context.Context, []string) (bool, string, error) { return false, "", unavailable }
	if _, err := s.tryTake("a", change); !errors.Is(err, unavailable) || !strings.Contains(err.Error(), "node-a") {
		t.Errorf("got %v", err)
	}
	s.gate = nil
	s.expect("b", change, "") // No turn was given.
}

func TestWhatCannotBeListedIsAnError(t *testing.T) {
	s := newScene(t, windowsHost("a"))
	s.listErr = errors.New("the cache has not started")
	if _, err := s.tryTake("a", change); !errors.Is(err, s.listErr) {
		t.Errorf("got %v", err)
	}
}

func TestAGateThatIsSlowForOneHostHoldsUpNoOther(t *testing.T) {
	s := newScene(t, windowsHost("a"), windowsHost("b"))
	entered, release := make(chan struct{}), make(chan struct{})
	s.gate = func(ctx context.Context, nodes []string) (bool, string, error) {
		if nodes[0] == "node-a" {
			close(entered)
			select {
			case <-release:
			case <-ctx.Done():
				return false, "", ctx.Err()
			}
		}
		return true, "", nil
	}
	answer := make(chan Decision)
	go func() {
		d, err := s.turns.Take(t.Context(), Ask{Host: windowsHost("a"), Policy: s.policy, Reason: change, Node: "node-a"})
		if err != nil {
			d.Message = err.Error()
		}
		answer <- d
	}()
	<-entered
	s.expect("b", change, "")
	close(release)
	if d := <-answer; d.May || d.Message != "Waits for prod/b (Change); 1 of 2 hosts may be out of service at once." {
		t.Errorf("a host whose turn was given away meanwhile is told %+v", d)
	}
}

func TestTheGateIsAskedAgainIfAnotherHasBeenLetGoMeanwhile(t *testing.T) {
	s := newScene(t, windowsHost("a"), windowsHost("b"))
	s.policy.Spec.Rollout = policy(atOnce("2"))
	s.gate = func(_ context.Context, nodes []string) (bool, string, error) {
		if nodes[0] == "node-a" && len(nodes) == 1 {
			// Its pods can go to a, and those of a to b.
			s.expect("b", retire, "") //nolint:contextcheck // Somebody else asks.
		}
		return len(nodes) == 1, "pod shop/web-1 would have nowhere to go", nil
	}
	s.expect("a", retire, "WouldStrandWorkloads The host stays: pod shop/web-1 would have nowhere to go.")
	if diff := cmp.Diff([][]string{{"node-a"}, {"node-b"}, {"node-a", "node-b"}}, s.asked); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAskingTheGateHasAnEnd(t *testing.T) {
	s := newScene(t, windowsHost("a"))
	s.policy.Spec.Rollout = policy(atOnce("100%"))
	s.gate = func(_ context.Context, nodes []string) (bool, string, error) {
		other := fmt.Sprintf("x%d", len(s.asked))
		s.create(windowsHost(other, outOfService(retire, now))) //nolint:contextcheck // Somebody else makes it.
		return true, "", nil
	}
	s.expect("a", retire, "AwaitingTurn Other hosts were let go while the pods on this one were looked at. It asks again.")
	if len(s.asked) != maxLooks {
		t.Errorf("the gate was asked %d times", len(s.asked))
	}
}
