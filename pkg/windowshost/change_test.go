package windowshost

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/drain"
	"github.com/mullion-dev/mullion/pkg/rollout"
)

func TestAChangeThatDisruptsTakesATurnAndADrain(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	if host := s.get(h); host.Status.Applied.KubernetesVersion != "v1.37.2" {
		t.Fatalf("it has %s", host.Status.Applied.KubernetesVersion)
	}
	s.changeConfig(setVersion("v1.37.3"))
	var draining *corev1.Node
	s.drainer.progress = func(o drain.Options) (drain.Progress, error) {
		draining = s.node(h.node)
		return drain.Progress{Done: true}, nil
	}
	host := s.untilReadyAt(h, 2)
	expectAsked(t, s, v1alpha1.DisruptionJoin, v1alpha1.DisruptionChange)
	if draining == nil || !draining.Spec.Unschedulable || draining.Labels[v1alpha1.LabelUpgrading] != "true" {
		t.Errorf("while it was drained the node was %+v", draining)
	}
	node := s.node(h.node)
	if _, upgrading := node.Labels[v1alpha1.LabelUpgrading]; upgrading || node.Spec.Unschedulable {
		t.Errorf("the node is not in service again: %+v", node.Spec)
	}
	expectCondition(t, host, v1alpha1.HostConditionDraining, "False Drained")
	expectCondition(t, host, v1alpha1.HostConditionUpToDate, "True AsDesired")
	if len(s.revisions()) != 1 {
		t.Errorf("revisions that nobody needs are kept: %v", s.revisions())
	}
}

func TestAChangeThatDisruptsNobodyTakesNoTurn(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.changeConfig(func(c *v1alpha1.WindowsNodeConfig) {
		c.Spec.RegistryMirrors = []v1alpha1.RegistryMirror{{
			Source: "quay.io", Mirrors: []v1alpha1.MirrorEndpoint{{Location: "mirror.example.com/quay"}},
		}}
	})
	host := s.passed(h)
	expectPhase(t, host, v1alpha1.HostReady)
	expectAsked(t, s, v1alpha1.DisruptionJoin)
	if host.Status.Applied.NodeConfigGeneration != 2 || len(s.drainer.steps) > 0 {
		t.Errorf("applied: %+v, drained: %v", host.Status.Applied, s.drainer.steps)
	}
}

func TestAConfigurationThatMakesTheSameIsNotedWithoutAChange(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	before := s.get(h).Status.Applied
	s.changeConfig(func(c *v1alpha1.WindowsNodeConfig) { c.Annotations = map[string]string{"note": "x"} })
	after := s.passed(h).Status.Applied
	if after.NodeConfigGeneration != 2 || !after.Time.Equal(&before.Time) {
		t.Errorf("was %+v, is %+v", before, after)
	}
}

func TestAHostThatIsAsItShallBeIsNotWrittenTo(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.passed(h)
	s.written = nil
	result, err := s.pass(h)
	if err != nil || len(s.written) > 1 { // The scene's kubelet writes once.
		t.Errorf("written, with %v: %v", err, s.written)
	}
	if result.RequeueAfter < 9*time.Minute || result.RequeueAfter > 10*time.Minute {
		t.Errorf("it is looked at again after %v", result.RequeueAfter)
	}
}

func TestDriftIsFoundNamedAndRepaired(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.turns.refusal = &rollout.Decision{Reason: v1alpha1.ReasonAwaitingTurn, Message: "Another host is out of service.", RetryAfter: time.Minute}
	h.Machine.WriteFile(`C:\k\kubelet.conf`, "{}")
	host := s.passed(h)
	expectPhase(t, host, v1alpha1.HostWaiting)
	expectCondition(t, host, v1alpha1.HostConditionUpToDate, "False Drifted")
	expectCondition(t, host, v1alpha1.HostConditionDegraded, "True Drifted")
	expectCondition(t, host, v1alpha1.HostConditionReady, "True AsDesired")
	if host.Status.Claim == nil || host.Status.Claim.Refusal != v1alpha1.ReasonAwaitingTurn {
		t.Errorf("it does not say what it waits for: %+v", host.Status.Claim)
	}
	s.turns.refusal = nil
	host = s.untilPhase(h, v1alpha1.HostReady)
	expectCondition(t, host, v1alpha1.HostConditionUpToDate, "True AsDesired")
	expectCondition(t, host, v1alpha1.HostConditionDegraded, "False AsDesired")
	if content, _ := h.Machine.ReadFile(`C:\k\kubelet.conf`); content == "{}" {
		t.Error("it was not repaired")
	}
	if s.metrics.drifts != 1 || host.Status.Claim != nil {
		t.Errorf("%d drifts, claim %+v", s.metrics.drifts, host.Status.Claim)
	}
}

func TestAnAdministratorsOwnCordonStays(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.changeNode(h.node, func(n *corev1.Node) { n.Spec.Unschedulable = true })
	s.changeConfig(setVersion("v1.37.3"))
	s.untilReadyAt(h, 2)
	if !s.node(h.node).Spec.Unschedulable {
		t.Error("the administrator's cordon was taken away")
	}
}

func TestWhatKeepsPodsIsNamedAndAfterAWhileTheyAreLeftInPeace(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	blocker := drain.Blocker{Namespace: "shop", Pod: "web-0", Reason: drain.ReasonBudget, Message: "PodDisruptionBudget web allows 0"}
	over := false
	s.drainer.progress = func(drain.Options) (drain.Progress, error) {
		return drain.Progress{Left: 1, Blocked: []drain.Blocker{blocker}, TimedOut: over}, nil
	}
	s.changeConfig(setVersion("v1.37.3"))
	host := s.untilPhase(h, v1alpha1.HostDraining)
	expectCondition(t, host, v1alpha1.HostConditionDraining, "True DrainBlocked")
	expectCondition(t, host, v1alpha1.HostConditionReady, "False DrainBlocked")
	expectMessage(t, host, "shop/web-0", "PodDisruptionBudget web")

	over = true
	host = s.passed(h)
	if host.Status.Disruption != nil || s.node(h.node).Spec.Unschedulable || len(s.turns.given) > 0 {
		t.Errorf("the host is kept out of service: %+v", host.Status.Disruption)
	}
	steps := len(s.drainer.steps)
	host = s.passed(h)
	expectPhase(t, host, v1alpha1.HostWaiting)
	expectMessage(t, host, "shop/web-0")
	if len(s.drainer.steps) != steps {
		t.Error("it is drained again at once")
	}
	expectCondition(t, host, v1alpha1.HostConditionReady, "True AsDesired")

	s.drainer.progress = nil
	s.untilReadyAt(h, 2)
}

func TestAHostWhoseKubeletIsGoneIsMendedWithoutWaitingForItsPods(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.drainer.progress = func(drain.Options) (drain.Progress, error) { return drain.Progress{Left: 3}, nil }
	s.kubelets = func(n *corev1.Node) {
		if n.Status.NodeInfo.KubeletVersion == "v1.37.2" {
			n.Status.Conditions[0].Status = corev1.ConditionFalse
			n.Status.Conditions[0].LastTransitionTime = metav1.NewTime(s.clock.Now().Add(-lostAfter))
		}
	}
	s.runKubelets()
	s.changeConfig(setVersion("v1.37.3"))
	host := s.untilReadyAt(h, 2)
	expectCondition(t, host, v1alpha1.HostConditionDraining, "False NotDraining")
	if len(s.drainer.steps) > 0 {
		t.Error("it was drained")
	}
}

func TestAServiceThatHasEndedIsStartedWithoutATurn(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	h.Machine.Crash("kubelet")
	expectPhase(t, s.passed(h), v1alpha1.HostReady)
	expectAsked(t, s, v1alpha1.DisruptionJoin)
	if !h.Machine.Running("kubelet") {
		t.Error("it was not started")
	}
}

func TestAHostThatMayNotGoWaitsAndSaysForWhat(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.turns.refusal = &rollout.Decision{Reason: v1alpha1.ReasonWouldStrand, Message: "The host stays: pod shop/web-0 would have nowhere to go."}
	s.changeConfig(setVersion("v1.37.3"))
	host := s.passed(h)
	expectPhase(t, host, v1alpha1.HostWaiting)
	expectMessage(t, host, "shop/web-0")
	expectCondition(t, host, v1alpha1.HostConditionUpToDate, "False Outdated")
	expectCondition(t, host, v1alpha1.HostConditionReady, "True AsDesired")
	if host.Status.Plan == nil || !host.Status.Plan.Disruptive || host.Status.Plan.Digest == host.Status.Applied.Digest {
		t.Errorf("plan: %+v", host.Status.Plan)
	}
}

func TestAPausedHostIsLookedAtAndLeftAsItIs(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.changeHost(h, func(host *v1alpha1.WindowsHost) { host.Spec.Paused = true })
	expectPhase(t, s.passed(h), v1alpha1.HostReady)
	s.changeConfig(setVersion("v1.37.3"))
	host := s.passed(h)
	expectPhase(t, host, v1alpha1.HostWaiting)
	expectMessage(t, host, "paused")
	expectAsked(t, s, v1alpha1.DisruptionJoin)
	s.changeHost(h, func(host *v1alpha1.WindowsHost) { host.Spec.Paused = false })
	s.untilReadyAt(h, 2)
}

func TestAChangedAuthorityReachesTheHost(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.cluster.facts.ClientAuthority = newAuthority(t)
	s.untilPhase(h, v1alpha1.HostWaiting, v1alpha1.HostConfiguring, v1alpha1.HostReady)
	host := s.until(h, "up to date", func(host *v1alpha1.WindowsHost) bool {
		content, _ := h.Machine.ReadFile(`C:\k\kubelet-ca.crt`)
		return host.Status.Phase == v1alpha1.HostReady && content == string(s.cluster.facts.ClientAuthority)
	})
	expectCondition(t, host, v1alpha1.HostConditionUpToDate, "True AsDesired")
}

func TestALaterSubnetCompletesTheNode(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.changeConfig(func(c *v1alpha1.WindowsNodeConfig) { c.Spec.Network.Flannel.Backend = v1alpha1.FlannelOverlay })
	s.bundlesWith("cni/win-overlay.exe")
	h := s.host("win-a")
	host := s.untilPhase(h, v1alpha1.HostReady)
	expectMessage(t, host, "kube-proxy runs once")
	s.changeNode(h.node, func(n *corev1.Node) { n.Annotations[v1alpha1.AnnotationSourceVIP] = "10.244.4.254" })
	s.until(h, "complete", func(host *v1alpha1.WindowsHost) bool {
		return host.Status.Phase == v1alpha1.HostReady && h.Machine.Running("kube-proxy")
	})
}

func TestTheSummaryOfAPlanIsOneLine(t *testing.T) {
	plan := &state.Plan{Actions: []state.Action{
		{Verb: state.VerbCreate, ID: state.ID{Kind: state.KindDirectory, Name: "a"}},
		{Verb: state.VerbCreate, ID: state.ID{Kind: state.KindFile, Name: "a"}},
		{Verb: state.VerbCreate, ID: state.ID{Kind: state.KindDirectory, Name: "b"}},
		{Verb: state.VerbUpdate, ID: state.ID{Kind: state.KindVersions, Name: "v"}},
	}}
	if got, want := summary(plan), "create 2 directories, create 1 file, update 1 version"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := summary(&state.Plan{}); got != "nothing to do" {
		t.Errorf("got %q", got)
	}
}

func TestPodsThatSomebodyLetsOnADrainedNodeAreMovedOffItBeforeItIsTouchedAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.changePolicy(func(p *v1alpha1.WindowsBuildPolicy) { p.Spec.Rollout.Rollback = v1alpha1.RollbackNone })
	h.Machine.FailStart("kube-proxy", `C:\var\log\kube-proxy\kube-proxy.log`, "unknown flag")
	s.changeConfig(setVersion("v1.37.3"))
	s.untilPhase(h, v1alpha1.HostFailed)
	drains := len(s.drainer.steps)
	s.passed(h)
	if len(s.drainer.steps) > drains {
		t.Error("a node that has been drained is drained again")
	}

	s.clock.SetTime(s.clock.Now().Add(time.Hour)) // Longer than a drain may take.
	s.changeNode(h.node, func(n *corev1.Node) {
		n.Spec.Unschedulable = false
		metav1.SetMetaDataAnnotation(&n.ObjectMeta, v1alpha1.AnnotationRebootRequired, "")
	})
	var began time.Time
	s.drainer.progress = func(o drain.Options) (drain.Progress, error) {
		began = o.Since
		return drain.Progress{Left: 1}, nil
	}
	noticed := s.clock.Now()
	host := s.passed(h)
	expectPhase(t, host, v1alpha1.HostDraining)
	expectCondition(t, host, v1alpha1.HostConditionDraining, "True NotYet")
	if began.Before(noticed) || !s.node(h.node).Spec.Unschedulable || host.Status.Disruption.Drained {
		t.Errorf("the drain began at %v, not %v; it is %+v", began, noticed, host.Status.Disruption)
	}
	s.drainer.progress = nil
	h.Machine.Repair("kube-proxy")
	s.untilReadyAt(h, 2)
}

func TestACacheThatHasNotSeenTheCordonYetDrainsNobodyAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	seen := s.node(h.node)
	s.changeNode(h.node, func(n *corev1.Node) { n.Spec.Unschedulable = true })
	turn := &v1alpha1.HostDisruption{Reason: v1alpha1.DisruptionChange, Drained: true}
	p := &pass{host: s.get(h), node: seen, need: v1alpha1.DisruptionChange}
	if err := (evacuate{api: s.client}).drainAgain(t.Context(), p, turn); err != nil || !turn.Drained {
		t.Errorf("drained: %t, error: %v", turn.Drained, err)
	}
}
