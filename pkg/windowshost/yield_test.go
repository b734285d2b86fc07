package windowshost

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/drain"
)

// halfDrained is a scene with a host that is being drained for a change, which does not come to its end.
func halfDrained(t *testing.T, change ...func(*scene)) (*scene, *fakeHost) {
	t.Helper()
	s := newScene(t)
	h := ready(s)
	for _, c := range change {
		c(s)
	}
	s.drainer.progress = func(drain.Options) (drain.Progress, error) { return drain.Progress{Left: 1}, nil }
	s.changeConfig(setVersion("v1.37.3"))
	s.untilPhase(h, v1alpha1.HostDraining)
	return s, h
}

func TestAHostWhoseDrainIsNotWantedAnyMoreKeepsItsPods(t *testing.T) {
	t.Parallel()
	for sentence, test := range map[string]struct {
		edit  func(*scene)
		phase v1alpha1.HostPhase
	}{
		"the change was taken back": {func(s *scene) { s.changeConfig(setVersion("v1.37.2")) }, v1alpha1.HostReady},
		"no policy wants the host": {func(s *scene) {
			s.changePolicy(func(p *v1alpha1.WindowsBuildPolicy) { p.Spec.Builds[0].Build = "10.0.17763" })
		}, v1alpha1.HostReady},
		"its policy is not valid": {func(s *scene) {
			s.changePolicy(func(p *v1alpha1.WindowsBuildPolicy) {
				p.Spec.Builds = append(p.Spec.Builds, v1alpha1.BuildRule{Build: "latest"})
			})
		}, v1alpha1.HostReady},
	} {
		t.Run(sentence, func(t *testing.T) {
			s, h := halfDrained(t)
			steps := len(s.drainer.steps)
			test.edit(s)
			host := s.passed(h)
			expectPhase(t, host, test.phase)
			expectCondition(t, host, v1alpha1.HostConditionDraining, "False NotDraining")
			expectCondition(t, host, v1alpha1.HostConditionReady, "True AsDesired")
			node := s.node(h.node)
			if _, upgrading := node.Labels[v1alpha1.LabelUpgrading]; upgrading || node.Spec.Unschedulable {
				t.Errorf("the node is kept out of service: %v, %+v", node.Labels, node.Spec)
			}
			if host.Status.Disruption != nil || len(s.turns.given) > 0 || len(s.drainer.steps) > steps {
				t.Errorf("it has the turn %+v, and was drained on %d times", host.Status.Disruption, len(s.drainer.steps)-steps)
			}
			if host.Status.Applied.KubernetesVersion != "v1.37.2" {
				t.Errorf("it was changed: %+v", host.Status.Applied)
			}
		})
	}
}

func TestAMachineIsNotReplacedWhenTheChangeIsTakenBackInTheMiddleOfItsDrain(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	machine := newMachine("win-a")
	h := s.host("win-a", func(host *v1alpha1.WindowsHost) { host.Spec.Machine = referenceTo(machine) })
	s.create(machine)
	s.untilPhase(h, v1alpha1.HostReady)
	s.changePolicy(func(p *v1alpha1.WindowsBuildPolicy) { p.Spec.Rollout.Strategy = v1alpha1.RolloutReplace })
	s.drainer.progress = func(drain.Options) (drain.Progress, error) { return drain.Progress{Left: 1}, nil }
	s.changeConfig(setVersion("v1.37.3"))
	s.untilPhase(h, v1alpha1.HostDraining)
	s.changeConfig(setVersion("v1.37.2"))
	s.drainer.progress = nil
	host := s.untilReadyAt(h, 3)
	if live, err := getMachine(t.Context(), s.client, host.Spec.Machine); err != nil || live == nil {
		t.Errorf("the Machine of a host that is as desired was deleted: %v", err)
	}
}

func TestAnAdministratorsCordonOutlastsADrainThatIsNotWantedAnyMore(t *testing.T) {
	t.Parallel()
	s, h := halfDrained(t, func(s *scene) {
		s.changeNode("win-a", func(n *corev1.Node) { n.Spec.Unschedulable = true })
	})
	s.changeConfig(setVersion("v1.37.2"))
	s.untilReadyAt(h, 3)
	if !s.node(h.node).Spec.Unschedulable {
		t.Error("the administrator's cordon was taken away")
	}
}

func TestAHostThatIsHalfChangedStaysOutOfServiceWithoutAPolicyAndSaysSo(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.kubelets = notReadyWith("v1.37.3")
	s.changeConfig(setVersion("v1.37.3"))
	s.untilPhase(h, v1alpha1.HostVerifying)
	s.changePolicy(func(p *v1alpha1.WindowsBuildPolicy) { p.Spec.Builds[0].Build = "10.0.17763" })
	host := s.passed(h)
	expectPhase(t, host, v1alpha1.HostWaiting)
	expectMessage(t, host, "No WindowsBuildPolicy lists", "its node takes no pods")
	if !s.node(h.node).Spec.Unschedulable {
		t.Error("pods are placed on a host that is half changed")
	}
}

func TestANodeThatIsDeletedWhileItIsDrainedIsDrainedNoMore(t *testing.T) {
	t.Parallel()
	s, h := halfDrained(t)
	if err := s.client.Delete(t.Context(), s.node(h.node)); err != nil {
		t.Fatal(err)
	}
	s.mute[h.node] = true
	host := s.until(h, "joining", func(host *v1alpha1.WindowsHost) bool { return !host.Status.Node.Joined })
	expectCondition(t, host, v1alpha1.HostConditionDraining, "False NotDraining")
	s.mute[h.node] = false
	s.untilReadyAt(h, 2)
}
