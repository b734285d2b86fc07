package windowshost

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/remote"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/rollout"
	"github.com/mullion-dev/mullion/pkg/ssh"
)

func TestAHostThatIsNotReadyAfterAChangeGoesBackAndStaysThereUntilTheChangeIsAnother(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.kubelets, s.options.VerifyTimeout = notReadyWith("v1.37.3"), 20*time.Second
	s.changeConfig(setVersion("v1.37.3"))
	host := s.until(h, "taken back", func(host *v1alpha1.WindowsHost) bool {
		return host.Status.Phase == v1alpha1.HostReady && host.Status.Applied.RolledBackFrom != ""
	})
	if host.Status.Applied.KubernetesVersion != "v1.37.2" || host.Status.Applied.NodeConfigGeneration != 1 {
		t.Errorf("it has %+v", host.Status.Applied)
	}
	expectMessage(t, host, "the network is not ready", "generation 2")
	expectCondition(t, host, v1alpha1.HostConditionUpToDate, "False RolledBack")
	expectCondition(t, host, v1alpha1.HostConditionDegraded, "True RolledBack")
	expectCondition(t, host, v1alpha1.HostConditionReady, "True AsDesired")
	asked := len(s.turns.asked)
	host = s.passed(h)
	if len(s.turns.asked) != asked || host.Status.Applied.RolledBackFrom == "" {
		t.Error("the same change is tried again")
	}
	s.changeConfig(setVersion("v1.36.5"))
	host = s.untilReadyAt(h, 3)
	if host.Status.Applied.RolledBackFrom != "" || host.Status.Applied.KubernetesVersion != "v1.36.5" {
		t.Errorf("it has %+v", host.Status.Applied)
	}
	expectCondition(t, host, v1alpha1.HostConditionUpToDate, "True AsDesired")
	if !slices.ContainsFunc(s.events.all(), func(e string) bool { return strings.HasPrefix(e, "Warning RolledBack") }) {
		t.Errorf("no event says so: %v", s.events.all())
	}
}

func TestWithoutRollbackAHostIsLeftForSomebodyToLookAt(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.changePolicy(func(p *v1alpha1.WindowsBuildPolicy) { p.Spec.Rollout.Rollback = v1alpha1.RollbackNone })
	s.kubelets, s.options.VerifyTimeout = notReadyWith("v1.37.3"), 20*time.Second
	s.changeConfig(setVersion("v1.37.3"))
	host := s.untilPhase(h, v1alpha1.HostFailed)
	if e := host.Status.LastError; e == nil || e.Step != v1alpha1.StepVerify || e.Reason != v1alpha1.ReasonNodeNotReady {
		t.Errorf("last error: %+v", e)
	}
	s.kubelets = nil
	host = s.untilReadyAt(h, 2)
	if host.Status.LastError != nil {
		t.Errorf("the error is still shown: %+v", host.Status.LastError)
	}
}

// watchedMachines let somebody look before each change.
type watchedMachines struct {
	Machines
	look func()
}

func (m watchedMachines) Machine(target *ssh.Target) Machine {
	return watchedMachine{m.Machines.Machine(target), m.look}
}

type watchedMachine struct {
	Machine
	look func()
}

func (m watchedMachine) Apply(ctx context.Context, desired *state.Desired, contents remote.Contents) (*protocol.Result, error) {
	m.look()
	return m.Machine.Apply(ctx, desired, contents)
}

func TestAHostThatFailedIsFailedForTheFailureBudgetWhileTheSameIsTriedAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.changePolicy(func(p *v1alpha1.WindowsBuildPolicy) { p.Spec.Rollout.Rollback = v1alpha1.RollbackNone })
	var phases []v1alpha1.HostPhase
	var failed []bool
	s.machines = func(m Machines) Machines {
		return watchedMachines{m, func() {
			host := s.get(h)
			phases, failed = append(phases, host.Status.Phase), append(failed, rollout.OfHost(host).Failed)
		}}
	}
	h.Machine.FailStart("kubelet", `C:\var\log\kubelet\kubelet.log`, "unknown flag")
	s.changeConfig(setVersion("v1.37.3"))
	s.until(h, "tried three times", func(*v1alpha1.WindowsHost) bool { return len(phases) == 3 })
	s.changeConfig(setVersion("v1.36.5"))
	s.until(h, "tried with another", func(*v1alpha1.WindowsHost) bool { return len(phases) == 4 })
	if want := []v1alpha1.HostPhase{v1alpha1.HostConfiguring, v1alpha1.HostFailed, v1alpha1.HostFailed, v1alpha1.HostConfiguring}; !slices.Equal(phases, want) {
		t.Errorf("while it was changed it was %v and not %v", phases, want)
	}
	if want := []bool{false, true, true, false}; !slices.Equal(failed, want) {
		t.Errorf("for the failure budget it had failed: %v and not %v", failed, want)
	}
}

func TestAChangeThatFailsOnTheHostAgainAndAgainIsTakenBack(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.options.VerifyTimeout = 20 * time.Second
	h.Machine.FailStart("kubelet", `C:\var\log\kubelet\kubelet.log`, "unknown flag")
	s.changeConfig(setVersion("v1.37.3"))
	host := s.untilPhase(h, v1alpha1.HostFailed)
	expectCondition(t, host, v1alpha1.HostConditionConfigured, "False ApplyFailed")
	s.until(h, "going back", func(host *v1alpha1.WindowsHost) bool { return host.Status.Applied.RolledBackFrom != "" })
	h.Machine.Repair("kubelet")
	host = s.untilPhase(h, v1alpha1.HostReady)
	if host.Status.Applied.KubernetesVersion != "v1.37.2" {
		t.Errorf("it has %+v", host.Status.Applied)
	}
}
