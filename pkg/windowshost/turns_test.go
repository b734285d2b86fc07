package windowshost

import (
	"context"
	"testing"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/rollout"
)

func TestAHostWithoutAPolicyIsGivenBackOnceItsPodsHaveSomewhereToGo(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	open := false
	gate := func(context.Context, ...string) (bool, string, error) {
		return open, "pod shop/web-0 with image web:1 would have nowhere to go", nil
	}
	s.realTurns = rollout.NewTurns(s.client, gate, s.clock, nil)
	a, b := s.host("win-a"), s.host("win-b")
	for _, h := range []*fakeHost{a, b} {
		s.untilPhase(h, v1alpha1.HostReady)
	}
	if err := s.client.Delete(t.Context(), newPolicy()); err != nil {
		t.Fatal(err)
	}
	s.passed(b) // It knows already that its policy is gone, and the other does not.
	for _, h := range []*fakeHost{a, b} {
		s.deleteHost(h)
		expectMessage(t, s.passed(h), "shop/web-0")
		if s.node(h.node).Spec.Unschedulable {
			t.Error("the node of pods that have nowhere to go is cordoned")
		}
	}
	open = true
	for _, h := range []*fakeHost{a, b} {
		s.until(h, "out of service", func(host *v1alpha1.WindowsHost) bool { return host.Status.Disruption != nil })
	}
	s.untilGone(a)
	s.untilGone(b)
}

func TestHostsTakeTurnsAsTheirPolicySays(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	open := true
	gate := func(context.Context, ...string) (bool, string, error) {
		return open, "pod shop/web-0 with image web:1 would have nowhere to go", nil
	}
	s.realTurns = rollout.NewTurns(s.client, gate, s.clock, nil)
	a, b := s.host("win-a"), s.host("win-b")
	for _, h := range []*fakeHost{a, b} {
		s.untilPhase(h, v1alpha1.HostReady)
	}

	s.changeConfig(setVersion("v1.37.3"))
	open = false
	host := s.passed(a)
	expectPhase(t, host, v1alpha1.HostWaiting)
	expectMessage(t, host, "shop/web-0")
	if host.Status.Claim == nil || host.Status.Claim.Refusal != v1alpha1.ReasonWouldStrand {
		t.Errorf("claim: %+v", host.Status.Claim)
	}

	open = true
	s.until(a, "out of service", func(host *v1alpha1.WindowsHost) bool { return host.Status.Disruption != nil })
	host = s.passed(b)
	expectPhase(t, host, v1alpha1.HostWaiting)
	if host.Status.Claim == nil || host.Status.Claim.Refusal != v1alpha1.ReasonAwaitingTurn {
		t.Errorf("claim: %+v", host.Status.Claim)
	}
	for _, h := range []*fakeHost{a, b} {
		if host := s.untilReadyAt(h, 2); host.Status.Claim != nil {
			t.Errorf("claim: %+v", host.Status.Claim)
		}
	}
}

func TestAHostThatIsToLeaveInsteadOfComingBackAsksForThat(t *testing.T) {
	t.Parallel()
	for sentence, test := range map[string]struct {
		leave func(*scene, *fakeHost)
		why   v1alpha1.DisruptionReason
	}{
		"it is deleted": {(*scene).deleteHost, v1alpha1.DisruptionRemove},
		"its build is retired": {func(s *scene, _ *fakeHost) {
			s.changePolicy(func(p *v1alpha1.WindowsBuildPolicy) { p.Spec.Builds[0].State = v1alpha1.BuildRetired })
		}, v1alpha1.DisruptionRetire},
	} {
		t.Run(sentence, func(t *testing.T) {
			s, h := halfDrained(t)
			steps := len(s.drainer.steps)
			s.turns.refusal = &rollout.Decision{Reason: v1alpha1.ReasonWouldStrand, Message: "The host stays: pod shop/web-0."}
			test.leave(s, h)
			host := s.until(h, "without its turn", func(host *v1alpha1.WindowsHost) bool { return host.Status.Disruption == nil })
			expectMessage(t, host, "for good", "another turn")
			expectMessage(t, s.passed(h), "shop/web-0")
			if s.node(h.node).Spec.Unschedulable || len(s.drainer.steps) > steps {
				t.Error("pods that have nowhere to go are moved off it")
			}
			expectAsked(t, s, v1alpha1.DisruptionJoin, v1alpha1.DisruptionChange, test.why)

			s.turns.refusal, s.drainer.progress = nil, nil
			s.until(h, "out of service again", func(host *v1alpha1.WindowsHost) bool { return host.Status.Disruption != nil })
		})
	}
}

func TestAHostWithoutPodsIsGivenBackWithTheTurnThatItHas(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.kubelets = notReadyWith("v1.37.3")
	s.changeConfig(setVersion("v1.37.3"))
	s.untilPhase(h, v1alpha1.HostVerifying)
	s.deleteHost(h)
	s.untilGone(h)
	expectAsked(t, s, v1alpha1.DisruptionJoin, v1alpha1.DisruptionChange)
}
