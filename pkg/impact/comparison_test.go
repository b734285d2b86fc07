package impact

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

func TestWhatAChangeMeansForAWorkload(t *testing.T) {
	web, agent := deployment("web"), Owner{KindDaemonSet, "agent"}
	without19 := policy.Assumption{RemovedNodes: []string{"a19", "b19"}}
	only19 := func(spec *v1alpha1.WindowsBuildPolicySpec) { spec.Builds = spec.Builds[1:] }
	for sentence, c := range map[string]struct {
		nodes    []policy.Node
		policy   []func(*v1alpha1.WindowsBuildPolicySpec)
		assume   policy.Assumption
		workload *Workload
		now      Outcome
		then     Outcome
		// reason, image and fix are those of what is found; fix is a part of it.
		reason policy.Reason
		image  string
		fix    string
	}{
		"an image for both builds moves": {
			assume: upgraded(t), workload: running(t, web, template([]string{"core:all"}), "a19"), now: Placed, then: Placed,
		},
		"an image for the build that goes is stranded": {
			assume: upgraded(t), workload: running(t, web, template([]string{"core:2019"}), "a19"),
			now: Placed, then: Stranded, reason: policy.ReasonNoReadyNode, image: "core:2019",
			fix: `build image "core:2019" for 10.0.20348 (Windows Server 2022)`,
		},
		"one of two images is at fault": {
			assume: upgraded(t), workload: running(t, web, template([]string{"core:all", "core:2019"}), "a19"),
			now: Placed, then: Stranded, reason: policy.ReasonNoReadyNode, image: "core:2019", fix: "core:2019",
		},
		"a retired build takes no pods, though its nodes stay": {
			assume:   policy.Assumption{States: map[policy.Build]v1alpha1.BuildState{build(t, ws2019): v1alpha1.BuildRetired}},
			workload: running(t, web, template([]string{"core:2019"}), "a19"), now: Placed, then: Stranded,
			reason: policy.ReasonRetired, image: "core:2019", fix: `rebuild image "core:2019"`,
		},
		"what cannot be made again now is stranded already": {
			policy: []func(*v1alpha1.WindowsBuildPolicySpec){state(ws2019, v1alpha1.BuildRetired)}, assume: without19,
			workload: running(t, web, template([]string{"core:2019"}), "a19"), now: Stranded, then: Stranded,
			reason: policy.ReasonRetired, image: "core:2019", fix: "rebuild",
		},
		"nodes that are away for a while strand nothing": {
			nodes:    []policy.Node{node("a19", ws2019), node("b19", ws2019), node("a22", ws2022, away)},
			assume:   without19,
			workload: running(t, web, template([]string{"core:all"}), "a19"), now: Placed, then: Placed,
		},
		"nodes that the pods do not select are nowhere to go": {
			nodes:    []policy.Node{node("a19", ws2019, labelled("disk", "ssd")), node("b19", ws2019), node("a22", ws2022)},
			assume:   without19,
			workload: running(t, web, template([]string{"core:all"}, selecting("disk", "ssd")), "a19"), now: Placed, then: Stranded,
			reason: policy.ReasonNoReadyNode, fix: "add a node",
		},
		"a build that is scaled from zero is somewhere to go": {
			nodes: []policy.Node{node("a19", ws2019), node("b19", ws2019)},
			policy: []func(*v1alpha1.WindowsBuildPolicySpec){func(spec *v1alpha1.WindowsBuildPolicySpec) {
				spec.Builds[0].ScaleFromZero = &v1alpha1.ScaleFromZero{}
			}},
			assume: without19, workload: running(t, web, template([]string{"core:all"}), "a19"), now: Placed, then: Placed,
		},
		"a template that names the build is bound to it": {
			assume:   without19,
			workload: running(t, web, template([]string{"core:all"}, selecting(corev1.LabelWindowsBuild, ws2019)), "a19"), now: Placed, then: Stranded,
			reason: policy.ReasonNoReadyNode, fix: "add a node",
		},
		"a bare pod is judged as it was before it was placed": {
			assume:   without19,
			workload: running(t, Owner{KindPod, "job"}, template([]string{"core:all"}, placedOn(ws2019)), "a19"), now: Placed, then: Placed,
		},
		"a bare pod that asks for the build is bound to it": {
			assume:   without19,
			workload: running(t, Owner{KindPod, "job"}, template([]string{"core:all"}, placedOn(ws2019), asking(ws2019)), "a19"), now: Placed, then: Stranded,
			reason: policy.ReasonNoReadyNode, fix: "add a node",
		},
		"an image that cannot be inspected decides nothing": {
			assume: upgraded(t), workload: running(t, web, template([]string{"down"}), "a19"), now: Unknown, then: Unknown,
			reason: policy.ReasonImageUnresolved, image: "down", fix: "label",
		},
		"an image that cannot be inspected does not matter where the pods can stay": {
			assume: upgraded(t), workload: running(t, web, template([]string{"down"}), "a22"), now: Unknown, then: Untouched,
		},
		"an image that cannot be inspected matters where some pods cannot stay": {
			assume: upgraded(t), workload: running(t, web, template([]string{"down"}), "a22", "a19"), now: Unknown, then: Unknown,
			reason: policy.ReasonImageUnresolved, image: "down", fix: "label",
		},
		"the build that the user says counts for the image": {
			assume: upgraded(t), workload: running(t, web, template([]string{"down"}, asking(ws2022)), "a22"), now: Placed, then: Placed,
		},
		"another image decides although one cannot be inspected": {
			assume: upgraded(t), workload: running(t, web, template([]string{"down", "core:2019"}), "a19"), now: Unknown, then: Stranded,
			reason: policy.ReasonNoReadyNode, image: "core:2019", fix: "core:2019",
		},
		"where unknown images are refused they are unknown all the same": {
			policy: []func(*v1alpha1.WindowsBuildPolicySpec){func(spec *v1alpha1.WindowsBuildPolicySpec) {
				spec.Images.WhenUnresolved = v1alpha1.UnresolvedDeny
			}},
			assume: upgraded(t), workload: running(t, web, template([]string{"down"}), "a19"), now: Unknown, then: Unknown,
			reason: policy.ReasonImageUnresolved, image: "down", fix: "registry",
		},
		"a namespace without a policy is not judged": {
			assume: upgraded(t), workload: runningIn(t, "elsewhere", web, template([]string{"core:2019"}), "a19"), now: Unjudged, then: Unjudged,
		},
		"a pod that does not say that it is for Windows is not judged": {
			assume:   upgraded(t),
			workload: running(t, web, template([]string{"core:2019"}, func(p *workload.Pod) { p.Spec.OS = nil }), "a19"), now: Unjudged, then: Unjudged,
		},
		"a DaemonSet of the build that goes ends with it": {
			assume:   without19,
			workload: running(t, agent, template([]string{"core:2019"}, selecting(corev1.LabelWindowsBuild, ws2019)), "a19", "b19"), now: Placed, then: Ended,
		},
		"a DaemonSet on all nodes is stranded where it runs on none that is left": {
			assume: without19, workload: running(t, agent, template([]string{"core:2019"}), "a19", "b19"), now: Placed, then: Stranded,
			reason: policy.ReasonNoReadyNode, image: "core:2019", fix: "core:2019",
		},
		"a DaemonSet on all nodes goes on where it runs on one": {
			assume: without19, workload: running(t, agent, template([]string{"core:all"}), "a19", "b19"), now: Placed, then: Placed,
		},
		"nodes of a build that the policy does not offer are nowhere to go": {
			policy: []func(*v1alpha1.WindowsBuildPolicySpec){only19},
			assume: upgraded(t), workload: running(t, web, template([]string{"core:all"}), "a19"), now: Placed, then: Stranded,
			reason: policy.ReasonNoReadyNode, fix: "add a node",
		},
		"a policy in the mode Audit is judged like any": {
			policy: []func(*v1alpha1.WindowsBuildPolicySpec){func(spec *v1alpha1.WindowsBuildPolicySpec) { spec.Mode = v1alpha1.ModeAudit }},
			assume: upgraded(t), workload: running(t, web, template([]string{"core:2019"}), "a19"), now: Placed, then: Stranded,
			reason: policy.ReasonNoReadyNode, image: "core:2019", fix: "core:2019",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			nodes := c.nodes
			if nodes == nil {
				nodes = fleet()
			}
			now := snapshot(t, nodes, c.policy...)
			comparison := &Comparison{Now: now, Then: assume(t, now, c.assume), Images: registry()}
			result, err := comparison.Judge(c.workload)
			if err != nil {
				t.Fatal(err)
			}
			if result.Now.Outcome != c.now || result.Then.Outcome != c.then {
				t.Errorf("now %s, then %s: %+v", result.Now.Outcome, result.Then.Outcome, result.Then.Finding)
			}
			if result.Then.Finding == nil {
				if c.reason != "" {
					t.Error("nothing was found")
				}
				return
			}
			if f := result.Then.Finding; f.Reason != c.reason || !strings.Contains(f.Fix, c.fix) || c.fix == "" {
				t.Errorf("found %s: %s", f.Reason, f)
			}
			if result.Then.Image != c.image {
				t.Errorf("the image at fault is %q, want %q", result.Then.Image, c.image)
			}
		})
	}
}

func TestTheSentenceAboutAStrandedWorkloadSaysWhatWouldMendIt(t *testing.T) {
	now := snapshot(t, fleet())
	comparison := &Comparison{Now: now, Then: assume(t, now, upgraded(t)), Images: registry()}
	result, err := comparison.Judge(running(t, deployment("web"), template([]string{"core:2019"}), "a19"))
	if err != nil {
		t.Fatal(err)
	}
	const want = `the pods can run only on 10.0.17763 (Windows Server 2019), of which there is no node that would take them. ` +
		`10.0.20348 (Windows Server 2022): container "c0" cannot run here: image "core:2019" is built for 10.0.17763 (Windows Server 2019); ` +
		`10.0.17763 (Windows Server 2019): no node that the pod selects is available: no nodes. ` +
		`To fix it, build image "core:2019" for 10.0.20348 (Windows Server 2022), or keep or add a node of 10.0.17763 (Windows Server 2019) that the pods select and tolerate.`
	if diff := cmp.Diff(want, result.Then.Finding.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAReportCountsWorkloadsAndPods(t *testing.T) {
	now := snapshot(t, fleet())
	comparison := &Comparison{Now: now, Then: assume(t, now, upgraded(t)), Images: registry()}
	report, err := comparison.Report([]*Workload{
		running(t, deployment("old"), template([]string{"core:2019"}), "a19", "b19", "b19"),
		running(t, deployment("new"), template([]string{"core:2022"}), "a22"),
		running(t, deployment("dark"), template([]string{"down"}), "a22", "a19"),
		runningIn(t, "elsewhere", deployment("own"), template(nil), "a19"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Tally{4, 7}, report.Total); diff != "" {
		t.Errorf("total (-want +got):\n%s", diff)
	}
	want := map[Outcome]Tally{Stranded: {1, 3}, Placed: {1, 1}, Unknown: {1, 2}, Unjudged: {1, 1}}
	if diff := cmp.Diff(want, report.Outcomes); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if len(report.Stranded) != 1 || report.Stranded[0].Owner.Name != "old" || report.Already.Workloads != 0 {
		t.Errorf("stranded: %+v", report.Stranded)
	}
	if diff := cmp.Diff([]BuildPods{{build(t, ws2019), 3}}, report.Stranded[0].Builds); diff != "" {
		t.Errorf("builds (-want +got):\n%s", diff)
	}
	if len(report.Unknown) != 1 || report.Unknown[0].Then.Image != "down" {
		t.Errorf("unknown: %+v", report.Unknown)
	}
}

func TestWithoutTheFactsOfAnImageNothingIsJudged(t *testing.T) {
	now := snapshot(t, fleet())
	comparison := &Comparison{Now: now, Then: now}
	_, err := comparison.Report([]*Workload{running(t, deployment("web"), template([]string{"core:2019"}), "a19")})
	if err == nil || !strings.Contains(err.Error(), "judging Deployment/web in namespace team-a") {
		t.Errorf("got %v", err)
	}
}
