package windowshost

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/drain"
	"github.com/mullion-dev/mullion/pkg/rollout"
)

// before is what a host of the scene is like before anybody came: it was given a name.
func before2022(t *testing.T, name string) map[string]string {
	t.Helper()
	machine := memhost.New()
	machine.SetFacts(func(f *state.Facts) { f.Hostname = name })
	return machine.Snapshot()
}

func TestADeletedHostIsGivenBackAsItWas(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	drained := false
	s.drainer.progress = func(drain.Options) (drain.Progress, error) {
		drained = true
		if !h.Machine.Running("kubelet") {
			t.Error("the kubelet is gone before the pods")
		}
		return drain.Progress{Done: true}, nil
	}
	s.deleteHost(h)
	s.untilGone(h)
	if diff := cmp.Diff(before2022(t, "WIN-A"), h.Machine.Snapshot()); diff != "" {
		t.Errorf("the host is not as it was (-before +after):\n%s", diff)
	}
	expectAsked(t, s, v1alpha1.DisruptionJoin, v1alpha1.DisruptionRemove)
	if s.node(h.node) != nil || !drained || len(s.turns.given) > 0 || s.metrics.forgotten == 0 {
		t.Errorf("node there: %t, drained: %t, turns: %v", s.node(h.node) != nil, drained, s.turns.given)
	}
}

func TestADeletedHostWaitsForItsTurn(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.turns.refusal = &rollout.Decision{Reason: v1alpha1.ReasonWouldStrand, Message: "The host stays: pod shop/web-0."}
	s.deleteHost(h)
	host := s.passed(h)
	expectMessage(t, host, "shop/web-0")
	expectCondition(t, host, v1alpha1.HostConditionUpToDate, "False Removing")
	s.turns.refusal = nil
	s.untilGone(h)
}

func TestADeletedHostThatCannotBeReachedIsNamedAndTriedAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	h.Close()
	s.deleteHost(h)
	host := s.passed(h)
	expectPhase(t, host, v1alpha1.HostRemoving)
	expectMessage(t, host, v1alpha1.AnnotationOrphan)
	if host.Status.LastError.Reason != v1alpha1.ReasonUnreachable || len(s.drainer.steps) > 0 || s.node(h.node) == nil {
		t.Errorf("error %+v, drained %v", host.Status.LastError, s.drainer.steps)
	}
	s.changeHost(h, func(host *v1alpha1.WindowsHost) {
		metav1.SetMetaDataAnnotation(&host.ObjectMeta, v1alpha1.AnnotationOrphan, "true")
	})
	s.untilGone(h)
	node := s.node(h.node)
	if node == nil {
		t.Fatal("the node was deleted")
	}
	if _, ours := node.Annotations[v1alpha1.AnnotationHost]; ours {
		t.Error("the node is still said to be ours")
	}
}

func TestAnOrphanIsLeftAsItIsWithoutWhatWeWouldTakeBack(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.drainer.progress = func(drain.Options) (drain.Progress, error) { return drain.Progress{Left: 1}, nil }
	s.changeConfig(setVersion("v1.37.3"))
	s.untilPhase(h, v1alpha1.HostDraining)
	snapshot := h.Machine.Snapshot()
	s.changeHost(h, func(host *v1alpha1.WindowsHost) {
		metav1.SetMetaDataAnnotation(&host.ObjectMeta, v1alpha1.AnnotationOrphan, "true")
	})
	s.deleteHost(h)
	s.untilGone(h)
	if diff := cmp.Diff(snapshot, h.Machine.Snapshot()); diff != "" {
		t.Errorf("the host was touched:\n%s", diff)
	}
	if s.node(h.node).Spec.Unschedulable || len(s.turns.given) > 0 {
		t.Error("the cordon or the turn is left behind")
	}
}

func TestAHostThatNobodyHasTouchedIsLetGo(t *testing.T) {
	t.Parallel()
	for sentence, touch := range map[string]func(*scene, *fakeHost){
		"nor looked at":                      func(*scene, *fakeHost) {},
		"and is out of reach":                func(_ *scene, h *fakeHost) { h.Close() },
		"though it was looked at":            func(s *scene, h *fakeHost) { s.passed(h) },
		"and was looked at, and then is out": func(s *scene, h *fakeHost) { s.passed(h); h.Close() },
	} {
		t.Run(sentence, func(t *testing.T) {
			s := newScene(t)
			s.turns.refusal = &rollout.Decision{Reason: v1alpha1.ReasonAwaitingTurn}
			h := s.host("win-a")
			touch(s, h)
			s.changeHost(h, func(host *v1alpha1.WindowsHost) { host.Finalizers = []string{v1alpha1.FinalizerHost} })
			s.deleteHost(h)
			s.untilGone(h)
			if diff := cmp.Diff(before2022(t, "WIN-A"), h.Machine.Snapshot()); diff != "" {
				t.Errorf("the host was changed:\n%s", diff)
			}
		})
	}
}

func TestTheSecondOfTwoObjectsForOneHostTouchesNothing(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	address := s.get(h).Spec
	second := &v1alpha1.WindowsHost{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "second", UID: "uid-second", Generation: 1},
		Spec:       address,
	}
	s.create(second)
	twin := &fakeHost{Host: h.Host, node: h.node, key: keyOf(second)}
	snapshot := h.Machine.Snapshot()
	host := s.passed(twin)
	expectPhase(t, host, v1alpha1.HostFailed)
	expectMessage(t, host, "windows/win-a", "was there before")
	if host.Status.LastError.Reason != v1alpha1.ReasonDuplicate {
		t.Errorf("error %+v", host.Status.LastError)
	}
	s.deleteHost(twin)
	s.untilGone(twin)
	if diff := cmp.Diff(snapshot, h.Machine.Snapshot()); diff != "" || s.node(h.node) == nil {
		t.Errorf("the host was touched:\n%s", diff)
	}
	expectPhase(t, s.passed(h), v1alpha1.HostReady)
}

func TestTwoHostsCannotBeOneNode(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	ready(s)
	other := s.host("win-b", func(host *v1alpha1.WindowsHost) { host.Spec.NodeName = "win-a" })
	host := s.passed(other)
	expectPhase(t, host, v1alpha1.HostFailed)
	expectMessage(t, host, "the node name win-a", "windows/win-a")
}

func TestAHostCannotTakeTheNameOfANodeThatIsThere(t *testing.T) {
	t.Parallel()
	for sentence, test := range map[string]struct {
		node corev1.Node
		want string
	}{
		"a Linux node": {corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "win-a", Labels: map[string]string{corev1.LabelOSStable: "linux"}}}, "runs linux"},
		"a Windows node with another address": {corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: "win-a", Labels: map[string]string{corev1.LabelOSStable: "windows"}},
			Status:     corev1.NodeStatus{Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "198.51.100.1"}}},
		}, "does not have the host's address"},
		"a node of another WindowsHost": {corev1.Node{ObjectMeta: metav1.ObjectMeta{
			Name: "win-a", Annotations: map[string]string{v1alpha1.AnnotationHost: "elsewhere/win-a"},
		}}, "elsewhere/win-a"},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := newScene(t, &test.node)
			h := s.host("win-a")
			host := s.passed(h)
			expectPhase(t, host, v1alpha1.HostFailed)
			expectMessage(t, host, test.want)
			if host.Status.Node != nil || len(s.turns.asked) > 0 {
				t.Errorf("it was taken for that node: %+v", host.Status.Node)
			}
		})
	}
}

func TestANodeOfTheHostThatSomebodyElseMadeIsTakenOverAfterADrain(t *testing.T) {
	t.Parallel()
	node := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: "win-a", UID: "old", Labels: map[string]string{corev1.LabelOSStable: "windows", corev1.LabelWindowsBuild: build2022}},
		Status: corev1.NodeStatus{
			Addresses:  []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "192.0.2.10"}},
			Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
		},
	}
	s := newScene(t, node)
	s.mute["win-a"] = true
	h := s.host("win-a")
	s.until(h, "drained", func(*v1alpha1.WindowsHost) bool { return len(s.drainer.steps) > 0 })
	expectAsked(t, s, v1alpha1.DisruptionChange)
}

func TestAHostOfARetiredBuildLeavesAndJoinsAgainWithAnother(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.changePolicy(func(p *v1alpha1.WindowsBuildPolicy) { p.Spec.Builds[0].State = v1alpha1.BuildRetired })
	host := s.untilPhase(h, v1alpha1.HostRetired)
	expectAsked(t, s, v1alpha1.DisruptionJoin, v1alpha1.DisruptionRetire)
	if host.Status.Node != nil || host.Status.Applied != nil || host.Status.Disruption != nil || s.node(h.node) != nil {
		t.Errorf("it was not given back: %+v", host.Status)
	}
	if s.metrics.forgotten != 1 {
		t.Error("its certificate is still counted among those that end")
	}
	result, err := s.pass(h)
	if err != nil || result.RequeueAfter < 9*60e9 {
		t.Errorf("it is looked at again after %v: %v", result.RequeueAfter, err)
	}
	expectMessage(t, s.get(h), "joins again")
	s.changePolicy(func(p *v1alpha1.WindowsBuildPolicy) {
		p.Spec.Builds = append(p.Spec.Builds, v1alpha1.BuildRule{
			Build: "10.0.26100", NodeConfigRef: &v1alpha1.NodeConfigReference{Name: configDef},
		})
	})
	h.Machine.SetFacts(func(f *state.Facts) { f.Build = "10.0.26100" })
	s.kubelets = nil
	s.build = "10.0.26100"
	host = s.untilPhase(h, v1alpha1.HostReady)
	if host.Status.Facts.Build != "10.0.26100" {
		t.Errorf("it is %s", host.Status.Facts.Build)
	}
}

func TestANewHostOfARetiredBuildDoesNotJoin(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.changePolicy(func(p *v1alpha1.WindowsBuildPolicy) { p.Spec.Builds[0].State = v1alpha1.BuildRetired })
	h := s.host("win-a")
	expectPhase(t, s.passed(h), v1alpha1.HostRetired)
	expectAsked(t, s)
}

func TestAPausedHostOfARetiredBuildStays(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.changeHost(h, func(host *v1alpha1.WindowsHost) { host.Spec.Paused = true })
	s.changePolicy(func(p *v1alpha1.WindowsBuildPolicy) { p.Spec.Builds[0].State = v1alpha1.BuildRetired })
	host := s.passed(h)
	expectPhase(t, host, v1alpha1.HostWaiting)
	expectMessage(t, host, "paused", "retires build")
}

func TestAMachineThatIsBeingDeletedIsLeftToWhoeverDeletesIt(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	machine := newMachine("win-a")
	machine.SetFinalizers([]string{"example.com/machine"})
	h := s.host("win-a", func(host *v1alpha1.WindowsHost) { host.Spec.Machine = referenceTo(machine) })
	s.create(machine)
	s.untilPhase(h, v1alpha1.HostReady)
	if err := s.client.Delete(t.Context(), machine); err != nil {
		t.Fatal(err)
	}
	snapshot := h.Machine.Snapshot()
	s.deleteHost(h)
	host := s.passed(h)
	expectPhase(t, host, v1alpha1.HostRemoving)
	expectMessage(t, host, "Waits for its Machine")
	if diff := cmp.Diff(snapshot, h.Machine.Snapshot()); diff != "" {
		t.Errorf("it was touched:\n%s", diff)
	}
}

func TestWhatStaysOnAHostThatIsGivenBackIsToldByEvents(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	h.Machine.WriteFile(`C:\k\notes.txt`, "an administrator's own")
	s.deleteHost(h)
	s.untilGone(h)
	want := `Normal LeftBehind C:\k stays: it has something in it that is not ours.`
	if said := s.events.all(); !slices.Contains(said, want) {
		t.Errorf("nobody is told %q: %q", want, said)
	}
}

func TestAHostThatSaysMuchOfWhatStaysIsCutShort(t *testing.T) {
	var left leftBehind
	for range 100 {
		left.add(strings.Repeat("x", 10*maxMessage))
	}
	log := &eventLog{}
	left.tell(&pass{host: &v1alpha1.WindowsHost{}, store: &store{events: log, redact: func(s string) string { return s }}})
	said := log.all()
	if len(said) != maxLeftBehind+1 || said[maxLeftBehind] != "Normal LeftBehind There are 92 more notes on what stays." {
		t.Errorf("%d events: %q", len(said), said[len(said)-1])
	}
	if len(said[0]) > maxMessage+len("Normal LeftBehind ") {
		t.Errorf("an event of %d bytes", len(said[0]))
	}
}
