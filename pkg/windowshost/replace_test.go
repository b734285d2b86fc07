package windowshost

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func TestAMachineIsReplacedRatherThanChanged(t *testing.T) {
	t.Parallel()
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

func TestTheNodeOfAMachineThatGoesGetsNoPodsBack(t *testing.T) {
	t.Parallel()
	for sentence, test := range map[string]struct {
		before, after func(*scene, *unstructured.Unstructured)
		cordoned      bool
	}{
		"whoever deletes the machine is about to": {
			before:   func(_ *scene, m *unstructured.Unstructured) { m.SetFinalizers([]string{"example.com/machine"}) },
			after:    func(*scene, *unstructured.Unstructured) {},
			cordoned: true,
		},
		"the machine is gone": {
			before: func(*scene, *unstructured.Unstructured) {}, after: func(*scene, *unstructured.Unstructured) {}, cordoned: true,
		},
		"another machine has its name": {
			before: func(*scene, *unstructured.Unstructured) {},
			after: func(s *scene, _ *unstructured.Unstructured) {
				other := newMachine("win-a")
				other.SetUID("another")
				s.create(other)
			},
			cordoned: true,
		},
		"the machine stays": {
			before: func(*scene, *unstructured.Unstructured) {},
			after:  func(s *scene, _ *unstructured.Unstructured) { s.create(newMachine("win-a")) },
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := newScene(t)
			machine := newMachine("win-a")
			test.before(s, machine)
			h := s.host("win-a", func(host *v1alpha1.WindowsHost) {
				host.Spec.Machine = referenceTo(machine)
				host.Annotations = map[string]string{v1alpha1.AnnotationMachineUID: string(machine.GetUID())}
			})
			s.create(machine)
			s.untilPhase(h, v1alpha1.HostReady)
			s.changePolicy(func(p *v1alpha1.WindowsBuildPolicy) { p.Spec.Rollout.Strategy = v1alpha1.RolloutReplace })
			s.changeConfig(setVersion("v1.37.3"))
			s.untilPhase(h, v1alpha1.HostRemoving)
			test.after(s, machine)

			// Its source lets go of the host as soon as it sees that the machine is deleted.
			s.changeHost(h, func(host *v1alpha1.WindowsHost) {
				metav1.SetMetaDataAnnotation(&host.ObjectMeta, v1alpha1.AnnotationOrphan, "true")
			})
			s.deleteHost(h)
			s.untilGone(h)
			node := s.node(h.node)
			if node.Spec.Unschedulable != test.cordoned {
				t.Errorf("the node is cordoned: %t", node.Spec.Unschedulable)
			}
			if _, upgrading := node.Labels[v1alpha1.LabelUpgrading]; upgrading {
				t.Error("the node says that it is being changed")
			}
		})
	}
}

func TestAMachineThatIsNotToBeDrainedIsNot(t *testing.T) {
	t.Parallel()
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
