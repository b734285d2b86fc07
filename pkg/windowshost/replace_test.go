package windowshost

import (
	"testing"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func TestAMachineIsReplacedRatherThanChanged(t *testing.T) {
	s := newScene(t)
	machine := newMachine("win-a")
	h := s.host("win-a", func(host *v1alpha1.WindowsHost) { host.Spec.Machine = referenceTo(machine) })
	s.create(machine)
	s.untilPhase(h, v1alpha1.HostReady)
	if _, byoh := s.node(h.node).Labels[v1alpha1.LabelBYOH]; byoh {
		t.Error("a Machine's node says that its host was brought")
	}
	s.changePolicy(func(p *v1alpha1.WindowsBuildPolicy) { p.Spec.Rollout.Strategy = v1alpha1.RolloutReplace })
	s.changeConfig(setVersion("v1.37.3"))
	host := s.untilPhase(h, v1alpha1.HostRemoving)
	expectMessage(t, host, "Machine openshift-machine-api/win-a")
	expectAsked(t, s, v1alpha1.DisruptionJoin, v1alpha1.DisruptionReplace)
	if live, err := getMachine(t.Context(), s.client, host.Spec.Machine); err != nil || live != nil {
		t.Errorf("the Machine is still there: %v, %v", live, err)
	}
	if len(s.drainer.steps) == 0 {
		t.Error("it was not drained")
	}
	// Its source removes the host; there is nothing left to log in to.
	h.Close()
	s.mute[h.node] = true
	s.deleteHost(h)
	s.untilGone(h)
	if s.node(h.node) != nil {
		t.Error("its node is still there")
	}
}

func TestAMachineThatIsNotToBeDrainedIsNot(t *testing.T) {
	s := newScene(t)
	machine := newMachine("win-a")
	machine.SetAnnotations(map[string]string{annotationExcludeDraining: ""})
	h := s.host("win-a", func(host *v1alpha1.WindowsHost) { host.Spec.Machine = referenceTo(machine) })
	s.create(machine)
	s.untilPhase(h, v1alpha1.HostReady)
	s.changePolicy(func(p *v1alpha1.WindowsBuildPolicy) { p.Spec.Rollout.Strategy = v1alpha1.RolloutReplace })
	s.changeConfig(setVersion("v1.37.3"))
	s.untilPhase(h, v1alpha1.HostRemoving)
	if len(s.drainer.steps) > 0 {
		t.Error("it was drained")
	}
}
