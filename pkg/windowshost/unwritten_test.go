package windowshost

import (
	"context"
	"errors"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/rollout"
)

// failOnce lets the first write of a status fail that is such a one.
func (s *scene) failOnce(such func(*v1alpha1.WindowsHostStatus) bool) {
	s.fault = func(verb string, object runtime.Object) error {
		host, is := object.(*v1alpha1.WindowsHost)
		if !is || verb != "status" || !such(&host.Status) {
			return nil
		}
		s.fault = nil
		return errors.New("the API server has gone away")
	}
}

// untilFailed lets the reconciler look at a host until the write fails that is to.
func (s *scene) untilFailed(h *fakeHost) {
	s.t.Helper()
	for range 100 {
		if _, err := s.pass(h); err != nil {
			return
		}
	}
	s.t.Fatal("no write has failed")
}

func TestATurnThatCouldNotBeWrittenIsNotTakenAndCountsUntilItIsKnownWhetherItWas(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	gate := func(context.Context, ...string) (bool, string, error) { return true, "", nil }
	s.realTurns = rollout.NewTurns(s.client, gate, s.clock, nil)
	a, b := s.host("win-a"), s.host("win-b")
	for _, h := range []*fakeHost{a, b} {
		s.untilPhase(h, v1alpha1.HostReady)
	}
	s.changeConfig(setVersion("v1.37.3"))
	s.failOnce(func(status *v1alpha1.WindowsHostStatus) bool { return status.Disruption != nil })
	s.untilFailed(a)
	if host := s.get(a); host.Status.Disruption != nil {
		t.Errorf("it is out of service: %+v", host.Status.Disruption)
	}
	if host := s.passed(b); host.Status.Disruption != nil {
		t.Error("another host was given the turn, though the answer to the write may only have been lost")
	}
	for _, h := range []*fakeHost{a, b} {
		s.untilReadyAt(h, 2)
	}
}

func TestARestartThatCouldNotBeCountedIsNotClaimedToHaveBeenAskedFor(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	asked := s.metrics.reboots
	s.askForReboot(h)
	s.failOnce(func(status *v1alpha1.WindowsHostStatus) bool { return status.Phase == v1alpha1.HostRebooting })
	s.untilFailed(h)
	if host := s.get(h); host.Status.Phase == v1alpha1.HostRebooting || s.metrics.reboots != asked {
		t.Errorf("it is %s, and was asked %d times: %s", host.Status.Phase, s.metrics.reboots-asked, host.Status.Message)
	}
	s.until(h, "restarted", func(host *v1alpha1.WindowsHost) bool {
		return host.Status.Phase == v1alpha1.HostReady && !s.asksForReboot(h)
	})
	if got := s.metrics.reboots - asked; got != 1 {
		t.Errorf("it was asked %d times", got)
	}
}
