package windowshost

import (
	"testing"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func TestAHostThatIsAwayWhileItIsChangedIsWaitedForAWhile(t *testing.T) {
	t.Parallel()
	retired := func(s *scene, h *fakeHost) {
		s.changePolicy(func(p *v1alpha1.WindowsBuildPolicy) { p.Spec.Builds[0].State = v1alpha1.BuildRetired })
		s.untilPhase(h, v1alpha1.HostRetired)
	}
	for sentence, test := range map[string]struct {
		bring func(*scene, *fakeHost)
		phase v1alpha1.HostPhase
	}{
		"it has its turn": {func(s *scene, h *fakeHost) {
			s.kubelets = notReadyWith("v1.37.3")
			s.changeConfig(setVersion("v1.37.3"))
			s.untilPhase(h, v1alpha1.HostVerifying)
		}, v1alpha1.HostVerifying},
		"somebody upgrades it": {retired, v1alpha1.HostRetired},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := newScene(t)
			h := ready(s)
			test.bring(s, h)
			h.Close()
			host := s.passed(h)
			expectPhase(t, host, test.phase)
			expectMessage(t, host, "is waited for")
			expectCondition(t, host, v1alpha1.HostConditionReachable, "False Unreachable")
			expectCondition(t, host, v1alpha1.HostConditionReady, "False Unreachable")
			since := host.Status.LastError.Time.Time
			s.untilPhase(h, v1alpha1.HostFailed)
			if away := s.clock.Now().Sub(since); away < awayGrace {
				t.Errorf("it is given up after %s", away)
			}
		})
	}
}

func TestAPolicyThatIsNotValidKeepsItsHosts(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.changePolicy(func(p *v1alpha1.WindowsBuildPolicy) {
		p.Spec.Builds = append(p.Spec.Builds, v1alpha1.BuildRule{Build: "latest"})
	})
	host := s.passed(h)
	expectPhase(t, host, v1alpha1.HostReady)
	expectMessage(t, host, "is not valid, and its hosts stay as they are")
	if host.Status.Policy != policyDef {
		t.Errorf("it lives under policy %q", host.Status.Policy)
	}
}
