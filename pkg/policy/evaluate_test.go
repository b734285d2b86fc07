package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// outcome is a decision in brief: the build that the pod is placed on, or the reason and field of the
// denial, and the reasons of the warnings.
type outcome struct {
	Build    string
	Denial   policy.Reason
	Field    string
	Warnings []policy.Reason
}

func outcomeOf(d policy.Decision) outcome {
	var o outcome
	if choice := d.Choice(); choice != nil {
		o.Build = choice.Build.String()
	}
	if d.Denial != nil {
		o.Denial, o.Field = d.Denial.Reason, d.Denial.Field
	}
	for _, warning := range d.Warnings {
		o.Warnings = append(o.Warnings, warning.Reason)
	}
	return o
}

func TestEvaluate(t *testing.T) {
	const imageField = "spec.containers[0].image"
	type decision struct {
		policy v1alpha1.WindowsBuildPolicy
		nodes  []policy.Node
		class  *policy.RuntimeClass
		pod    *workload.Pod
		want   outcome
	}
	denyUnready := func(spec *v1alpha1.WindowsBuildPolicySpec) { spec.WhenNoReadyNode = v1alpha1.NoReadyNodeDeny }
	onDemand := rule(ws2025, func(r *v1alpha1.BuildRule) { r.ScaleFromZero = &v1alpha1.ScaleFromZero{} })
	only19And22 := fleet()[:4]

	for sentence, c := range map[string]decision{
		// The choice.
		"a pod goes to the first build of the policy that its image runs on": {
			policy: buildPolicy(newestFirst), nodes: fleet(), pod: windowsPod([]string{"multi:all"}), want: outcome{Build: ws2025},
		},
		"the policy's order decides, not the build's age": {
			policy: buildPolicy([]string{ws2019, ws2025}), nodes: fleet(), pod: windowsPod([]string{"multi:all"}), want: outcome{Build: ws2019},
		},
		"an older image goes to the newest host that runs it": {
			policy: buildPolicy(newestFirst), nodes: fleet(), pod: windowsPod([]string{"core:2022"}), want: outcome{Build: ws2025},
		},
		"an image of one build goes to that build": {
			policy: buildPolicy(newestFirst), nodes: fleet(), pod: windowsPod([]string{"core:2019"}), want: outcome{Build: ws2019},
		},
		"a single manifest is judged by its own version": {
			policy: buildPolicy(newestFirst), nodes: fleet(), pod: windowsPod([]string{"single:2019"}), want: outcome{Build: ws2019},
		},
		"the Windows variants of a mixed image count": {
			policy: buildPolicy([]string{ws2022, ws2019}), nodes: fleet(), pod: windowsPod([]string{"mixed:1"}), want: outcome{Build: ws2022},
		},
		"the containers of a pod must agree on a build": {
			policy: buildPolicy(newestFirst), nodes: fleet(), pod: windowsPod([]string{"multi:all", "core:2019"}), want: outcome{Build: ws2019},
		},
		"init containers count": {
			policy: buildPolicy(newestFirst), nodes: fleet(),
			pod: windowsPod([]string{"multi:all"}, func(p *workload.Pod) {
				p.Spec.InitContainers = []workload.Container{{Name: "setup", Image: "core:2019"}}
			}),
			want: outcome{Build: ws2019},
		},
		"ephemeral containers count": {
			policy: buildPolicy(newestFirst), nodes: fleet(),
			pod: windowsPod([]string{"multi:all"}, func(p *workload.Pod) {
				p.Spec.EphemeralContainers = []workload.Container{{Name: "debug", Image: "core:2019"}}
			}),
			want: outcome{Build: ws2019},
		},
		"an image that does not say its version runs anywhere": {
			policy: buildPolicy(newestFirst), nodes: fleet(), pod: windowsPod([]string{"silent:1"}), want: outcome{Build: ws2025},
		},
		"a HostProcess pod is exempt from the build rule": {
			policy: buildPolicy([]string{ws2025}), nodes: fleet(), pod: windowsPod([]string{"core:2019"}, hostProcess), want: outcome{Build: ws2025},
		},

		// Nodes.
		"a build with Ready nodes comes before one without": {
			policy: buildPolicy(newestFirst), nodes: only19And22, pod: windowsPod([]string{"multi:all"}), want: outcome{Build: ws2022},
		},
		"a fitting build without a Ready node is admitted with a warning": {
			policy: buildPolicy(newestFirst), nodes: []policy.Node{node("a19", ws2019, notReady)},
			pod:  windowsPod([]string{"core:2019"}),
			want: outcome{Build: ws2019, Warnings: []policy.Reason{policy.ReasonNoReadyNode}},
		},
		"a build whose nodes are away comes before one that has none": {
			policy: buildPolicy(newestFirst), nodes: []policy.Node{node("a19", ws2019, notReady)}, pod: windowsPod([]string{"multi:all"}),
			want: outcome{Build: ws2019, Warnings: []policy.Reason{policy.ReasonNoReadyNode}},
		},
		"and after one whose nodes are made on demand": {
			policy: buildPolicy(newestFirst, onDemand), nodes: []policy.Node{node("a19", ws2019, notReady)}, pod: windowsPod([]string{"multi:all"}),
			want: outcome{Build: ws2025},
		},
		"but not where they would not take the pod": {
			policy: buildPolicy(newestFirst), nodes: []policy.Node{node("a19", ws2019, notReady, tainted(gpuTaint))},
			pod:  windowsPod([]string{"multi:all"}),
			want: outcome{Build: ws2025, Warnings: []policy.Reason{policy.ReasonNoReadyNode}},
		},
		"a fitting build without any node is admitted with a warning": {
			policy: buildPolicy(newestFirst), pod: windowsPod([]string{"core:2025"}),
			want: outcome{Build: ws2025, Warnings: []policy.Reason{policy.ReasonNoReadyNode}},
		},
		"a build without a Ready node is refused where the policy says so": {
			policy: buildPolicy(newestFirst, denyUnready), nodes: only19And22, pod: windowsPod([]string{"core:2025"}),
			want: outcome{Denial: policy.ReasonNoReadyNode},
		},
		"a build made on demand is offered at zero nodes without a warning": {
			policy: buildPolicy(newestFirst, onDemand, denyUnready), nodes: only19And22, pod: windowsPod([]string{"core:2025"}),
			want: outcome{Build: ws2025},
		},
		"a build with Ready nodes comes before one made on demand": {
			policy: buildPolicy(newestFirst, onDemand), nodes: only19And22, pod: windowsPod([]string{"multi:all"}),
			want: outcome{Build: ws2022},
		},
		"a cordoned node is not available": {
			policy: buildPolicy(newestFirst),
			nodes:  append(fleet()[:2:2], node("a25", ws2025, func(n *policy.Node) { n.Unschedulable = true })),
			pod:    windowsPod([]string{"multi:all"}),
			want:   outcome{Build: ws2019},
		},
		"a node that an autoscaler is about to remove is not available": {
			policy: buildPolicy(newestFirst),
			nodes: append(fleet()[:2:2], node("a25", ws2025, tainted(
				corev1.Taint{Key: "ToBeDeletedByClusterAutoscaler", Effect: corev1.TaintEffectNoSchedule}))),
			pod:  windowsPod([]string{"multi:all"}),
			want: outcome{Build: ws2019},
		},
		"reserved nodes are not offered to a pod that does not tolerate the reservation": {
			policy: buildPolicy(newestFirst), nodes: append(fleet()[:2:2], node("a25", ws2025, tainted(gpuTaint))),
			pod: windowsPod([]string{"multi:all"}), want: outcome{Build: ws2019},
		},
		"reserved nodes are offered to a pod that tolerates the reservation": {
			policy: buildPolicy(newestFirst), nodes: append(fleet()[:2:2], node("a25", ws2025, tainted(gpuTaint))),
			pod: windowsPod([]string{"multi:all"}, tolerating(gpuTaint)), want: outcome{Build: ws2025},
		},
		"a pod for which all nodes are reserved is told so": {
			policy: buildPolicy(newestFirst), nodes: []policy.Node{node("a25", ws2025, tainted(gpuTaint))},
			pod:  windowsPod([]string{"core:2025"}),
			want: outcome{Build: ws2025, Warnings: []policy.Reason{policy.ReasonNodesReserved}},
		},
		"Linux nodes are not counted": {
			policy: buildPolicy([]string{ws2022}), nodes: []policy.Node{{Name: "l", Ready: true, Labels: map[string]string{corev1.LabelOSStable: "linux"}}},
			pod:  windowsPod([]string{"core:2022"}),
			want: outcome{Build: ws2022, Warnings: []policy.Reason{policy.ReasonNoReadyNode}},
		},

		// What the pod pins.
		"a pod that selects other labels goes where those nodes are": {
			policy: buildPolicy(newestFirst), nodes: append(fleet(), node("pool", ws2019, labelled("pool", "legacy"))),
			pod: windowsPod([]string{"multi:all"}, selecting("pool", "legacy")), want: outcome{Build: ws2019},
		},
		"a pod that selects one node by hostname goes to its build": {
			policy: buildPolicy(newestFirst), nodes: fleet(),
			pod: windowsPod([]string{"multi:all"}, selecting(corev1.LabelHostname, "b22")), want: outcome{Build: ws2022},
		},
		"a DaemonSet's pod goes to the build of its node": {
			policy: buildPolicy(newestFirst), nodes: fleet(),
			pod: windowsPod([]string{"multi:all"}, requiring(onNode("a19"))), want: outcome{Build: ws2019},
		},
		"a DaemonSet's pod that its node cannot run is refused": {
			policy: buildPolicy(newestFirst), nodes: fleet(),
			pod:  windowsPod([]string{"core:2025"}, requiring(onNode("a19"))),
			want: outcome{Denial: policy.ReasonImageIncompatible, Field: "spec.affinity.nodeAffinity"},
		},
		"a DaemonSet's pod for a node that is not known is refused, so that its controller tries again": {
			policy: buildPolicy(newestFirst), nodes: fleet(),
			pod:  windowsPod([]string{"multi:all"}, requiring(onNode("joining"))),
			want: outcome{Denial: policy.ReasonNodeUnknown, Field: "spec.affinity.nodeAffinity"},
		},
		"a pod that is bound already to a node that is not known is refused": {
			policy: buildPolicy(newestFirst), nodes: fleet(), pod: windowsPod([]string{"multi:all"}, boundTo("joining")),
			want: outcome{Denial: policy.ReasonNodeUnknown, Field: "spec.nodeName"},
		},
		"a pod that may go to a known node beside an unknown one goes there": {
			policy: buildPolicy(newestFirst), nodes: fleet(),
			pod:  windowsPod([]string{"multi:all"}, requiring(onNode("joining"), onNode("a19"))),
			want: outcome{Build: ws2019},
		},
		"a pod that avoids an unknown node goes anywhere else": {
			policy: buildPolicy(newestFirst), nodes: fleet(),
			pod: windowsPod([]string{"multi:all"}, requiring(corev1.NodeSelectorTerm{MatchFields: []corev1.NodeSelectorRequirement{
				{Key: "metadata.name", Operator: corev1.NodeSelectorOpNotIn, Values: []string{"gone"}},
			}})),
			want: outcome{Build: ws2025},
		},
		"a pod that pins a build goes there": {
			policy: buildPolicy(newestFirst), nodes: fleet(),
			pod: windowsPod([]string{"multi:all"}, selecting(corev1.LabelWindowsBuild, ws2019)), want: outcome{Build: ws2019},
		},
		"a pod that pins a build by label goes there": {
			policy: buildPolicy(newestFirst), nodes: fleet(),
			pod: windowsPod([]string{"multi:all"}, asking(ws2019)), want: outcome{Build: ws2019},
		},
		"a pod that pins a build that no node has is placed there with a warning": {
			policy: buildPolicy(newestFirst), nodes: only19And22,
			pod:  windowsPod([]string{"multi:all"}, selecting(corev1.LabelWindowsBuild, ws2025)),
			want: outcome{Build: ws2025, Warnings: []policy.Reason{policy.ReasonNoReadyNode}},
		},
		"a pod that pins a build that the policy does not list is refused": {
			policy: buildPolicy([]string{ws2022, ws2019}), nodes: fleet(),
			pod:  windowsPod([]string{"multi:all"}, selecting(corev1.LabelWindowsBuild, ws2025)),
			want: outcome{Denial: policy.ReasonBuildNotAllowed, Field: "spec.nodeSelector[node.kubernetes.io/windows-build]"},
		},
		"a pod that pins a build that cannot run its image is refused": {
			policy: buildPolicy(newestFirst), nodes: fleet(),
			pod:  windowsPod([]string{"core:2019"}, selecting(corev1.LabelWindowsBuild, ws2022)),
			want: outcome{Denial: policy.ReasonImageIncompatible, Field: "spec.nodeSelector[node.kubernetes.io/windows-build]"},
		},
		"affinity terms are alternatives": {
			policy: buildPolicy(newestFirst), nodes: fleet(),
			pod: windowsPod([]string{"multi:all"}, requiring(
				expression(corev1.LabelWindowsBuild, corev1.NodeSelectorOpIn, ws2019),
				expression(corev1.LabelWindowsBuild, corev1.NodeSelectorOpIn, ws2022))),
			want: outcome{Build: ws2022},
		},
		"the node selector narrows every affinity term": {
			policy: buildPolicy(newestFirst), nodes: fleet(),
			pod: windowsPod([]string{"multi:all"}, selecting(corev1.LabelWindowsBuild, ws2019), requiring(
				expression(corev1.LabelWindowsBuild, corev1.NodeSelectorOpIn, ws2019, ws2022))),
			want: outcome{Build: ws2019},
		},
		"affinity away from a build is heeded": {
			policy: buildPolicy(newestFirst), nodes: fleet(),
			pod:  windowsPod([]string{"multi:all"}, requiring(expression(corev1.LabelWindowsBuild, corev1.NodeSelectorOpNotIn, ws2025))),
			want: outcome{Build: ws2022},
		},
		"affinity away from one hostname leaves the others": {
			policy: buildPolicy(newestFirst), nodes: fleet(),
			pod:  windowsPod([]string{"multi:all"}, requiring(expression(corev1.LabelHostname, corev1.NodeSelectorOpNotIn, "a25"))),
			want: outcome{Build: ws2025},
		},
		"affinity by hostname goes to that node's build": {
			policy: buildPolicy(newestFirst), nodes: fleet(),
			pod:  windowsPod([]string{"multi:all"}, requiring(expression(corev1.LabelHostname, corev1.NodeSelectorOpIn, "a19"))),
			want: outcome{Build: ws2019},
		},
		"settings that contradict each other are refused": {
			policy: buildPolicy(newestFirst), nodes: fleet(),
			pod:  windowsPod([]string{"multi:all"}, asking(ws2019), selecting(corev1.LabelWindowsBuild, ws2022)),
			want: outcome{Denial: policy.ReasonPinnedElsewhere, Field: "spec.nodeSelector[node.kubernetes.io/windows-build]"},
		},
		"a build label that is no build is refused": {
			policy: buildPolicy(newestFirst), nodes: fleet(), pod: windowsPod([]string{"multi:all"}, asking("ltsc2022")),
			want: outcome{Denial: policy.ReasonInvalidBuildLabel, Field: "metadata.labels[mullion.dev/windows-build]"},
		},

		// RuntimeClasses.
		"a RuntimeClass that nobody knows says nothing about the build": {
			policy: buildPolicy(newestFirst), nodes: fleet(), pod: windowsPod([]string{"multi:all"}, inClass("gvisor")),
			want: outcome{Build: ws2025},
		},
		"a pod in the RuntimeClass of a build goes there": {
			policy: buildPolicy(newestFirst), nodes: fleet(), pod: windowsPod([]string{"multi:all"}, inClass("windows-10.0.17763")),
			want: outcome{Build: ws2019},
		},
		"the selectors of a foreign RuntimeClass are heeded": {
			policy: buildPolicy(newestFirst), nodes: fleet(), pod: windowsPod([]string{"multi:all"}, inClass("legacy")),
			class: &policy.RuntimeClass{Name: "legacy", Handler: policy.HandlerProcess, NodeSelector: map[string]string{corev1.LabelWindowsBuild: ws2019}},
			want:  outcome{Build: ws2019},
		},
		"a pod with less isolation than the policy demands is refused": {
			policy: buildPolicy([]string{ws2022}, hyperV(ws2022)), nodes: fleet(), pod: windowsPod([]string{"core:2022"}, inClass("shared")),
			class: &policy.RuntimeClass{Name: "shared", Handler: policy.HandlerProcess},
			want:  outcome{Denial: policy.ReasonIsolationConflict, Field: "spec.runtimeClassName"},
		},
		"a pod may ask for more isolation than the policy demands": {
			policy: buildPolicy([]string{ws2025}), nodes: fleet(), pod: windowsPod([]string{"single:2019"}, inClass("isolated")),
			class: &policy.RuntimeClass{Name: "isolated", Handler: policy.HandlerHyperV},
			want:  outcome{Build: ws2025},
		},
		"Hyper-V isolation runs an older single manifest": {
			policy: buildPolicy([]string{ws2025}, hyperV(ws2025)), nodes: fleet(), pod: windowsPod([]string{"single:2019"}),
			want: outcome{Build: ws2025},
		},
		"Hyper-V isolation does not help an older index, which is pulled for the host's version": {
			policy: buildPolicy([]string{ws2025}, hyperV(ws2025)), nodes: fleet(), pod: windowsPod([]string{"core:2019"}),
			want: outcome{Denial: policy.ReasonImageIncompatible, Field: imageField},
		},

		// States.
		"a preview takes no pod that does not ask": {
			policy: buildPolicy(newestFirst, state(ws2025, v1alpha1.BuildPreview)), nodes: fleet(), pod: windowsPod([]string{"multi:all"}),
			want: outcome{Build: ws2022},
		},
		"a preview takes a pod that asks by label": {
			policy: buildPolicy(newestFirst, state(ws2025, v1alpha1.BuildPreview)), nodes: fleet(),
			pod: windowsPod([]string{"multi:all"}, asking(ws2025)), want: outcome{Build: ws2025},
		},
		"a preview takes a pod that asks by node selector": {
			policy: buildPolicy(newestFirst, state(ws2025, v1alpha1.BuildPreview)), nodes: fleet(),
			pod: windowsPod([]string{"multi:all"}, selecting(corev1.LabelWindowsBuild, ws2025)), want: outcome{Build: ws2025},
		},
		"a preview takes a pod that asks by RuntimeClass": {
			policy: buildPolicy(newestFirst, state(ws2025, v1alpha1.BuildPreview)), nodes: fleet(),
			pod: windowsPod([]string{"multi:all"}, inClass("windows-10.0.26100")), want: outcome{Build: ws2025},
		},
		"a pod that only a preview can run is told how to ask": {
			policy: buildPolicy(newestFirst, state(ws2025, v1alpha1.BuildPreview)), nodes: fleet(), pod: windowsPod([]string{"core:2025"}),
			want: outcome{Denial: policy.ReasonPreviewNotRequested, Field: imageField},
		},
		"a deprecated build takes pods with a warning": {
			policy: buildPolicy(newestFirst, state(ws2019, v1alpha1.BuildDeprecated)), nodes: fleet(), pod: windowsPod([]string{"core:2019"}),
			want: outcome{Build: ws2019, Warnings: []policy.Reason{policy.ReasonDeprecated}},
		},
		"a retired build takes no new pods": {
			policy: buildPolicy(newestFirst, state(ws2019, v1alpha1.BuildRetired)), nodes: fleet(), pod: windowsPod([]string{"core:2019"}),
			want: outcome{Denial: policy.ReasonRetired, Field: imageField},
		},
		"a pod that pins a retired build is refused": {
			policy: buildPolicy(newestFirst, state(ws2019, v1alpha1.BuildRetired)), nodes: fleet(),
			pod:  windowsPod([]string{"multi:all"}, selecting(corev1.LabelWindowsBuild, ws2019)),
			want: outcome{Denial: policy.ReasonRetired, Field: "spec.nodeSelector[node.kubernetes.io/windows-build]"},
		},

		// Images.
		"an image that no allowed build runs is refused": {
			policy: buildPolicy([]string{ws2022, ws2019}), nodes: fleet(), pod: windowsPod([]string{"core:2025"}),
			want: outcome{Denial: policy.ReasonImageIncompatible, Field: imageField},
		},
		"containers without a build in common are refused, naming the one whose exchange leads to the preferred build": {
			policy: buildPolicy([]string{ws2022, ws2019}), nodes: fleet(), pod: windowsPod([]string{"core:2019", "core:2022"}),
			want: outcome{Denial: policy.ReasonNoCommonBuild, Field: imageField},
		},
		"a Linux image in a Windows pod is refused, naming the container": {
			policy: buildPolicy(newestFirst), nodes: fleet(), pod: windowsPod([]string{"core:2022", "linux:1"}),
			want: outcome{Denial: policy.ReasonLinuxImage, Field: "spec.containers[1].image"},
		},
		"a Linux image in a HostProcess pod is refused": {
			policy: buildPolicy(newestFirst), nodes: fleet(), pod: windowsPod([]string{"linux:1"}, hostProcess),
			want: outcome{Denial: policy.ReasonLinuxImage, Field: imageField},
		},
		"an image for another processor is refused": {
			policy: buildPolicy(newestFirst), nodes: fleet(), pod: windowsPod([]string{"arm:1"}),
			want: outcome{Denial: policy.ReasonImageIncompatible, Field: imageField},
		},
		"an image that cannot be inspected is admitted with a warning": {
			policy: buildPolicy(newestFirst), nodes: fleet(), pod: windowsPod([]string{"down:1"}),
			want: outcome{Build: ws2025, Warnings: []policy.Reason{policy.ReasonImageUnresolved}},
		},
		"an image that can be inspected still counts beside one that cannot": {
			policy: buildPolicy(newestFirst), nodes: fleet(), pod: windowsPod([]string{"down:1", "core:2019"}),
			want: outcome{Build: ws2019, Warnings: []policy.Reason{policy.ReasonImageUnresolved}},
		},
		"an image that cannot be inspected is refused where the policy says so": {
			policy: buildPolicy(newestFirst, func(s *v1alpha1.WindowsBuildPolicySpec) { s.Images.WhenUnresolved = v1alpha1.UnresolvedDeny }),
			nodes:  fleet(), pod: windowsPod([]string{"down:1"}),
			want: outcome{Denial: policy.ReasonImageUnresolved, Field: imageField},
		},
		"an exempt image is not inspected": {
			policy: buildPolicy(newestFirst, func(s *v1alpha1.WindowsBuildPolicySpec) { s.Images.Exempt = []string{"unheard"} }),
			nodes:  fleet(), pod: windowsPod([]string{"unheard:of"}), want: outcome{Build: ws2025},
		},
		"an image of a registry that may not be asked cannot be inspected": {
			policy: buildPolicy(newestFirst, func(s *v1alpha1.WindowsBuildPolicySpec) { s.Images.Registries = []string{"mcr.microsoft.com"} }),
			nodes:  fleet(), pod: windowsPod([]string{"unheard:of"}),
			want: outcome{Build: ws2025, Warnings: []policy.Reason{policy.ReasonImageUnresolved}},
		},
		"an image without a version is warned about where the policy says so": {
			policy: buildPolicy(newestFirst, func(s *v1alpha1.WindowsBuildPolicySpec) { s.Images.WhenVersionUnknown = v1alpha1.ImageFindingWarn }),
			nodes:  fleet(), pod: windowsPod([]string{"silent:1"}),
			want: outcome{Build: ws2025, Warnings: []policy.Reason{policy.ReasonImageVersionUnknown}},
		},
		"a floating reference is refused where the policy says so": {
			policy: buildPolicy(newestFirst, func(s *v1alpha1.WindowsBuildPolicySpec) { s.Images.FloatingReferences = v1alpha1.ImageFindingDeny }),
			nodes:  fleet(), pod: windowsPod([]string{"core:2022"}),
			want: outcome{Denial: policy.ReasonFloatingReference, Field: imageField},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := world{policies: []v1alpha1.WindowsBuildPolicy{c.policy}, nodes: c.nodes}
			if c.class != nil {
				w.classes = []policy.RuntimeClass{*c.class}
			}
			decision := w.evaluate(t, &policy.Request{Pod: c.pod})
			if diff := cmp.Diff(c.want, outcomeOf(decision)); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
				if decision.Denial != nil {
					t.Log(decision.Denial)
				}
				for i := range decision.Candidates {
					t.Logf("%s: %s: %s", decision.Candidates[i].Build, decision.Candidates[i].Reason, decision.Candidates[i].Message())
				}
			}
		})
	}
}
