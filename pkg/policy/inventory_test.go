package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

func TestTheFleetListsItsBuildsAndTheirNodes(t *testing.T) {
	f := policy.CompileFleet(append(fleet(), node("strange", "latest")))
	var builds []string
	for _, build := range f.Builds() {
		builds = append(builds, build.String())
	}
	if diff := cmp.Diff([]string{ws2019, ws2022, ws2025}, builds); diff != "" {
		t.Errorf("builds (-want +got):\n%s", diff)
	}
	b2022 := mustBuild(t, ws2022)
	if diff := cmp.Diff([]string{"a22", "b22"}, f.NodesOf(b2022)); diff != "" {
		t.Errorf("nodes (-want +got):\n%s", diff)
	}
	for name, want := range map[string]policy.Build{"b22": b2022, "strange": {}} {
		if got, known := f.BuildOf(name); !known || got != want {
			t.Errorf("%s: %v, %v", name, got, known)
		}
	}
	if _, known := f.BuildOf("linux"); known {
		t.Error("a node that is not there is known")
	}
}

func TestNodesThatAPodSelects(t *testing.T) {
	w := world{nodes: []policy.Node{
		node("a19", ws2019, notReady), node("a22", ws2022, labelled("disk", "ssd")), node("b22", ws2022),
	}}
	for sentence, c := range map[string]struct {
		pod  *workload.Pod
		want bool
	}{
		"a pod without selectors selects all":          {windowsPod(nil), true},
		"a node that is not Ready counts":              {windowsPod(nil, selecting(corev1.LabelWindowsBuild, ws2019)), true},
		"no node has the build":                        {windowsPod(nil, selecting(corev1.LabelWindowsBuild, ws2025)), false},
		"one node has the label":                       {windowsPod(nil, selecting("disk", "ssd")), true},
		"one node has either label, none has both":     {windowsPod(nil, selecting("disk", "ssd"), selecting(corev1.LabelWindowsBuild, ws2019)), false},
		"a node is known by its name":                  {windowsPod(nil, requiring(onNode("b22"))), true},
		"a node that is gone is not":                   {windowsPod(nil, requiring(onNode("c22"))), false},
		"one is known by its host name":                {windowsPod(nil, selecting(corev1.LabelHostname, "a19")), true},
		"one that has the host name but not the build": {windowsPod(nil, selecting(corev1.LabelHostname, "a19"), selecting(corev1.LabelWindowsBuild, ws2022)), false},
	} {
		if got := w.snapshot(t).Selects(c.pod); got != c.want {
			t.Errorf("%s: got %v", sentence, got)
		}
	}
}

func TestWhetherNodesWouldTakeAPodDoesNotDependOnTheirBeingReady(t *testing.T) {
	for sentence, c := range map[string]struct {
		nodes        []policy.Node
		pod          *workload.Pod
		takes, ready bool
	}{
		"a Ready node":          {[]policy.Node{node("a", ws2022)}, windowsPod(nil), true, true},
		"a node that is away":   {[]policy.Node{node("a", ws2022, notReady)}, windowsPod(nil), true, false},
		"a cordoned node":       {[]policy.Node{node("a", ws2022, func(n *policy.Node) { n.Unschedulable = true })}, windowsPod(nil), true, false},
		"a reserved node":       {[]policy.Node{node("a", ws2022, tainted(gpuTaint))}, windowsPod(nil), false, false},
		"no node":               {nil, windowsPod(nil), false, false},
		"no node that it wants": {[]policy.Node{node("a", ws2022)}, windowsPod(nil, selecting("disk", "ssd")), false, false},
		"a node that is away, beside a reserved one": {
			[]policy.Node{node("a", ws2022, notReady), node("b", ws2022, tainted(gpuTaint))}, windowsPod(nil), true, false,
		},
	} {
		w := world{policies: []v1alpha1.WindowsBuildPolicy{buildPolicy([]string{ws2022})}, nodes: c.nodes}
		candidate := w.evaluate(t, &policy.Request{Pod: c.pod, Subject: policy.Template}).Candidates[0]
		if candidate.Takes != c.takes || candidate.Ready != c.ready {
			t.Errorf("%s: takes %v, ready %v", sentence, candidate.Takes, candidate.Ready)
		}
	}
}

func TestTheImageThatDoesNotRunOnABuildIsNamed(t *testing.T) {
	w := world{policies: []v1alpha1.WindowsBuildPolicy{buildPolicy([]string{ws2022, ws2019})}, nodes: fleet()}
	candidates := w.evaluate(t, &policy.Request{Pod: windowsPod([]string{"multi:all", "core:2019"})}).Candidates
	if got := candidates[0].Image(); got != "core:2019" {
		t.Errorf("2022: got %q", got)
	}
	if got := candidates[1].Image(); got != "" {
		t.Errorf("2019, which fits: got %q", got)
	}
}
