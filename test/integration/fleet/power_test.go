package fleet

import (
	"testing"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/scriptedhosts"
)

func TestHostsThatDieWhileTheyJoinAreNamedAndJoinWhenTheyAreBack(t *testing.T) {
	s := newScene(t, v1alpha1.RolloutPolicy{})
	dying := s.given(several(1, "dying", scriptedhosts.Dying)...)[0]
	joining := s.given(several(1, "joining", scriptedhosts.Unregistered)...)[0]
	lost := s.given(several(1, "lost", scriptedhosts.Lost)...)[0]
	s.given(several(1, "other")...)

	s.untilHost(dying.Name(), "has died while it was configured", func(host *v1alpha1.WindowsHost) bool {
		return host.Status.LastError != nil && host.Status.LastError.Step == v1alpha1.StepApply
	})
	s.untilHost(joining.Name(), "is joining", func(host *v1alpha1.WindowsHost) bool { return host.Status.Phase == v1alpha1.HostJoining })
	s.become(joining, scriptedhosts.Down)
	s.untilHost(joining.Name(), "is out of reach", unreachable)
	s.untilHost(lost.Name(), "has not come back from its restart", unreachable)
	s.untilReady(1, current) // The other one.

	for _, h := range []*scriptedhosts.Host{dying, joining, lost} {
		s.become(h, scriptedhosts.Healthy)
	}
	s.untilReady(len(s.hosts), current)
	s.untilNodesServe(current)
}

func TestAHostThatDiesWhileItIsChangedKeepsItsTurnAndIsChangedWhenItIsBack(t *testing.T) {
	const count, limit = 4, 2
	s := newScene(t, atOnce(limit))
	s.given(several(count, "changed")...)
	s.untilReady(count, current)
	dying := s.hosts[0]
	s.become(dying, scriptedhosts.Dying)
	most := s.mostOut()
	s.give(next)
	s.untilHost(dying.Name(), "has died in the middle of its change", func(host *v1alpha1.WindowsHost) bool {
		return host.Status.LastError != nil && host.Status.LastError.Step == v1alpha1.StepApply && host.Status.Disruption != nil
	})
	s.become(dying, scriptedhosts.Down)
	s.untilHost(dying.Name(), "is out of reach", unreachable)
	s.untilReady(count-1, next)
	if s.host(dying.Name()).Status.Disruption == nil {
		t.Errorf("%s has given up its turn though nobody knows what it is like", dying.Name())
	}
	s.become(dying, scriptedhosts.Healthy)
	s.untilReady(count, next)
	s.untilNodesServe(next)
	if most := most(); most > limit {
		t.Errorf("%d nodes were out of service at once, not %d", most, limit)
	}
}

// unreachable tells whether a host could not be logged in to.
func unreachable(host *v1alpha1.WindowsHost) bool {
	last := host.Status.LastError
	return last != nil && last.Step == v1alpha1.StepConnect && last.Reason == v1alpha1.ReasonUnreachable
}

func (s *scene) become(h *scriptedhosts.Host, ails scriptedhosts.Ailment) {
	s.T.Helper()
	if err := h.Become(ails); err != nil {
		s.T.Fatal(err)
	}
}
