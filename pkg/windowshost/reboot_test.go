package windowshost

import (
	"context"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/ssh"
)

// deafMachines never restart.
type deafMachines struct{ Machines }

func (m deafMachines) Machine(target *ssh.Target) Machine {
	return deafMachine{m.Machines.Machine(target)}
}

type deafMachine struct{ Machine }

func (deafMachine) RequestReboot(context.Context) error { return nil }

func TestARequestedRestartTakesATurnAndIsTakenAwayAfterwards(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.askForReboot(h)
	host := s.untilPhase(h, v1alpha1.HostRebooting)
	if !s.node(h.node).Spec.Unschedulable || host.Status.Reboots.Attempts != 1 {
		t.Errorf("reboots: %+v", host.Status.Reboots)
	}
	expectCondition(t, host, v1alpha1.HostConditionRebootRequired, "True RebootAsked")
	host = s.untilPhase(h, v1alpha1.HostReady)
	expectAsked(t, s, v1alpha1.DisruptionJoin, v1alpha1.DisruptionReboot)
	expectCondition(t, host, v1alpha1.HostConditionRebootRequired, "False NoRebootRequired")
	if s.asksForReboot(h) || host.Status.Facts.BootID != "boot-3" || s.node(h.node).Spec.Unschedulable {
		t.Errorf("asks: %t, boot %s", s.asksForReboot(h), host.Status.Facts.BootID)
	}
	// They are forgotten after a while.
	s.clock.SetTime(s.clock.Now().Add(rebootMemory))
	if host = s.passed(h); host.Status.Reboots != nil {
		t.Errorf("reboots: %+v", host.Status.Reboots)
	}
}

func TestANodeHasTimeToBecomeReadyAfterARestart(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.clock.SetTime(s.clock.Now().Add(24 * time.Hour)) // It was changed long ago.
	var until time.Time
	s.kubelets = func(n *corev1.Node) {
		if s.metrics.reboots == 2 && until.IsZero() {
			until = s.clock.Now().Add(time.Minute)
		}
		if s.clock.Now().Before(until) {
			n.Status.Conditions[0].Status = corev1.ConditionFalse
		}
	}
	s.askForReboot(h)
	s.untilPhase(h, v1alpha1.HostVerifying)
	s.untilPhase(h, v1alpha1.HostReady, v1alpha1.HostFailed)
	expectPhase(t, s.get(h), v1alpha1.HostReady)
	if warnings := s.warnings(); len(warnings) > 0 {
		t.Errorf("somebody is warned of a restart that went well: %v", warnings)
	}
}

func TestANodeThatDoesNotBecomeReadyAfterARestartIsNamed(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.clock.SetTime(s.clock.Now().Add(24 * time.Hour))
	s.options.VerifyTimeout = 30 * time.Second
	s.kubelets = func(n *corev1.Node) {
		if s.metrics.reboots == 2 {
			n.Status.Conditions[0].Status = corev1.ConditionFalse
		}
	}
	s.askForReboot(h)
	s.untilPhase(h, v1alpha1.HostVerifying)
	host := s.untilPhase(h, v1alpha1.HostReady, v1alpha1.HostFailed)
	expectPhase(t, host, v1alpha1.HostFailed)
	expectCondition(t, host, v1alpha1.HostConditionReady, "False NodeNotReady")
	if !s.node(h.node).Spec.Unschedulable {
		t.Error("pods are placed on it")
	}
}

func TestAHostThatDoesNotRestartIsAskedAgainAndThenServesOnAndIsNamed(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.machines = func(m Machines) Machines { return deafMachines{m} }
	s.askForReboot(h)
	host := s.until(h, "left as it is", func(host *v1alpha1.WindowsHost) bool {
		return host.Status.Phase == v1alpha1.HostReady && host.Status.Reboots != nil && host.Status.Reboots.Attempts == 3
	})
	expectCondition(t, host, v1alpha1.HostConditionDegraded, "True RebootsExhausted")
	expectCondition(t, host, v1alpha1.HostConditionReady, "True AsDesired")
	if s.metrics.reboots != 4 || host.Status.Disruption != nil || s.node(h.node).Spec.Unschedulable {
		t.Errorf("%d restarts, %+v", s.metrics.reboots, host.Status.Disruption)
	}
	asked := len(s.turns.asked)
	s.passed(h)
	if len(s.turns.asked) != asked {
		t.Error("it is taken out of service again")
	}
	expectMessage(t, host, "until somebody restarts it")
	for range 2 {
		s.clock.SetTime(s.clock.Now().Add(24 * time.Hour))
		s.passed(h)
	}
	if len(s.turns.asked) != asked || s.metrics.reboots != 4 {
		t.Errorf("it is taken out of service again the next day, and has restarted %d times", s.metrics.reboots)
	}
	h.Machine.Reboot() // Somebody does.
	host = s.until(h, "as it should be", func(*v1alpha1.WindowsHost) bool { return !s.asksForReboot(h) })
	expectCondition(t, host, v1alpha1.HostConditionRebootRequired, "False NoRebootRequired")
	expectCondition(t, host, v1alpha1.HostConditionDegraded, "False AsDesired")
}

func TestAHostThatHasToRestartToJoinAndDoesNotIsNamed(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.machines = func(m Machines) Machines { return deafMachines{m} }
	h := s.host("win-a")
	host := s.untilPhase(h, v1alpha1.HostFailed)
	if e := host.Status.LastError; e.Reason != v1alpha1.ReasonRebootsExhausted || !strings.Contains(e.Message, "3 times") {
		t.Errorf("last error: %+v", e)
	}
	expectCondition(t, host, v1alpha1.HostConditionRebootRequired, "True RebootsExhausted")
	if s.metrics.reboots != 3 {
		t.Errorf("%d restarts", s.metrics.reboots)
	}
	s.clock.SetTime(s.clock.Now().Add(24 * time.Hour))
	s.passed(h)
	if s.metrics.reboots != 3 {
		t.Errorf("%d restarts a day later", s.metrics.reboots)
	}
	// Another configuration may need no restart, or one that helps.
	s.changeConfig(func(c *v1alpha1.WindowsNodeConfig) { c.Spec.Labels = map[string]string{"pool": "second"} })
	host = s.untilPhase(h, v1alpha1.HostRebooting)
	if host.Status.Reboots.Attempts != 1 || !strings.Contains(host.Status.Message, "generation 2, needs it") {
		t.Errorf("%+v: %s", host.Status.Reboots, host.Status.Message)
	}
}

func TestAHostThatDoesNotComeBackIsNamedAfterAWhile(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.options.RebootTimeout = 30 * time.Second
	h := s.host("win-a")
	s.untilPhase(h, v1alpha1.HostRebooting)
	h.Close()
	host := s.passed(h)
	expectPhase(t, host, v1alpha1.HostRebooting)
	expectMessage(t, host, "is not back yet")
	host = s.untilPhase(h, v1alpha1.HostFailed)
	expectMessage(t, host, "has not come back")
}
