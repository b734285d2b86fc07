package policy_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

func exactly(taint corev1.Taint) corev1.Toleration {
	return corev1.Toleration{Key: taint.Key, Operator: corev1.TolerationOpEqual, Value: taint.Value, Effect: taint.Effect}
}

func TestEdits(t *testing.T) {
	os := policy.Label{Key: corev1.LabelOSStable, Value: "windows"}
	build := func(b string) policy.Label { return policy.Label{Key: corev1.LabelWindowsBuild, Value: b} }
	extra := corev1.Toleration{Key: "maintenance", Operator: corev1.TolerationOpExists}

	for sentence, c := range map[string]struct {
		policy v1alpha1.WindowsBuildPolicy
		nodes  []policy.Node
		pod    *workload.Pod
		want   policy.Edits
	}{
		"a bare pod is given selectors, RuntimeClass and the tolerations of the build's nodes": {
			policy: buildPolicy(newestFirst), nodes: fleet(), pod: windowsPod([]string{"core:2019"}),
			want: policy.Edits{
				NodeSelector: []policy.Label{os, build(ws2019)}, RuntimeClassName: "windows-10.0.17763",
				Tolerations: []corev1.Toleration{exactly(osTaint)},
			},
		},
		"each build's taints are tolerated as they are spelled there": {
			policy: buildPolicy([]string{ws2022}), nodes: fleet(), pod: windowsPod([]string{"core:2022"}),
			want: policy.Edits{
				NodeSelector: []policy.Label{os, build(ws2022)}, RuntimeClassName: "windows-10.0.20348",
				Tolerations: []corev1.Toleration{exactly(osTaintGKE)},
			},
		},
		"untainted nodes need no toleration": {
			policy: buildPolicy(newestFirst), nodes: fleet(), pod: windowsPod([]string{"core:2025"}),
			want: policy.Edits{NodeSelector: []policy.Label{os, build(ws2025)}, RuntimeClassName: "windows-10.0.26100"},
		},
		"what the pod has already is not added": {
			policy: buildPolicy(newestFirst), nodes: fleet(),
			pod: windowsPod([]string{"core:2019"}, selecting(os.Key, os.Value), selecting(corev1.LabelWindowsBuild, ws2019),
				inClass("windows-10.0.17763"), tolerating(osTaint)),
		},
		"a toleration of everything covers the taints": {
			policy: buildPolicy(newestFirst), nodes: fleet(),
			pod: windowsPod([]string{"core:2019"}, func(p *workload.Pod) {
				p.Spec.Tolerations = []corev1.Toleration{{Operator: corev1.TolerationOpExists}}
			}),
			want: policy.Edits{NodeSelector: []policy.Label{os, build(ws2019)}, RuntimeClassName: "windows-10.0.17763"},
		},
		"a reservation is not tolerated on a pod's behalf": {
			policy: buildPolicy(newestFirst), nodes: []policy.Node{node("a", ws2019, tainted(osTaint, gpuTaint))}, pod: windowsPod([]string{"core:2019"}),
			want: policy.Edits{
				NodeSelector: []policy.Label{os, build(ws2019)}, RuntimeClassName: "windows-10.0.17763",
				Tolerations: []corev1.Toleration{exactly(osTaint)},
			},
		},
		"only the taints of nodes that the pod selects are tolerated": {
			policy: buildPolicy([]string{ws2019}),
			nodes: []policy.Node{
				node("a", ws2019, tainted(osTaint), labelled("pool", "x")), node("b", ws2019, tainted(osTaintGKE), labelled("pool", "y")),
			},
			pod: windowsPod([]string{"core:2019"}, selecting("pool", "y")),
			want: policy.Edits{
				NodeSelector: []policy.Label{os, build(ws2019)}, RuntimeClassName: "windows-10.0.17763",
				Tolerations: []corev1.Toleration{exactly(osTaintGKE)},
			},
		},
		"the policy's own tolerations are added": {
			policy: buildPolicy(newestFirst, func(s *v1alpha1.WindowsBuildPolicySpec) { s.Tolerations.Items = []corev1.Toleration{extra} }),
			nodes:  fleet(), pod: windowsPod([]string{"core:2019"}),
			want: policy.Edits{
				NodeSelector: []policy.Label{os, build(ws2019)}, RuntimeClassName: "windows-10.0.17763",
				Tolerations: []corev1.Toleration{exactly(osTaint), extra},
			},
		},
		"explicit tolerations are the only ones": {
			policy: buildPolicy(newestFirst, func(s *v1alpha1.WindowsBuildPolicySpec) {
				s.Tolerations.Source = v1alpha1.TolerationsExplicit
				s.Tolerations.Items = []corev1.Toleration{extra}
			}),
			nodes: fleet(), pod: windowsPod([]string{"core:2025"}),
			want: policy.Edits{
				NodeSelector: []policy.Label{os, build(ws2025)}, RuntimeClassName: "windows-10.0.26100",
				Tolerations: []corev1.Toleration{extra},
			},
		},
		"a build made on demand brings the tolerations for its nodes to come": {
			policy: buildPolicy([]string{ws2025}, rule(ws2025, func(r *v1alpha1.BuildRule) {
				r.ScaleFromZero = &v1alpha1.ScaleFromZero{Tolerations: []corev1.Toleration{exactly(osTaint)}}
			})),
			pod: windowsPod([]string{"core:2025"}),
			want: policy.Edits{
				NodeSelector: []policy.Label{os, build(ws2025)}, RuntimeClassName: "windows-10.0.26100",
				Tolerations: []corev1.Toleration{exactly(osTaint)},
			},
		},
		"a policy's own names are used": {
			policy: buildPolicy([]string{ws2025}, rule(ws2025, func(r *v1alpha1.BuildRule) { r.RuntimeClass.Name = "win25" })),
			nodes:  fleet(), pod: windowsPod([]string{"core:2025"}),
			want: policy.Edits{NodeSelector: []policy.Label{os, build(ws2025)}, RuntimeClassName: "win25"},
		},
		"Hyper-V isolation has a RuntimeClass of its own": {
			policy: buildPolicy([]string{ws2025}, hyperV(ws2025)), nodes: fleet(), pod: windowsPod([]string{"core:2025"}),
			want: policy.Edits{NodeSelector: []policy.Label{os, build(ws2025)}, RuntimeClassName: "windows-10.0.26100-hyperv"},
		},
		"a refused pod is not changed": {
			policy: buildPolicy([]string{ws2025}), nodes: fleet(), pod: windowsPod([]string{"core:2019"}),
		},
		"a Windows-only pod that does not say so is told what it is where the policy infers": {
			policy: buildPolicy(newestFirst, inferring), nodes: fleet(), pod: windowsPod([]string{"core:2025"}, notSayingOS),
			want: policy.Edits{OS: "windows", NodeSelector: []policy.Label{os, build(ws2025)}, RuntimeClassName: "windows-10.0.26100"},
		},
		"a Windows-only pod that is refused is told what it is, so that those who refuse are shown it": {
			policy: buildPolicy([]string{ws2022}, inferring), nodes: fleet(), pod: windowsPod([]string{"core:2025"}, notSayingOS),
			want: policy.Edits{OS: "windows", NodeSelector: []policy.Label{os}},
		},
		"a Windows-only pod with a setting that the API server forbids to Windows pods is placed without being told what it is": {
			policy: buildPolicy(newestFirst, inferring), nodes: fleet(),
			pod: windowsPod([]string{"core:2025"}, notSayingOS, func(p *workload.Pod) {
				p.Spec.SecurityContext = &workload.SecurityContext{RunAsUser: &workload.Present{}}
			}),
			want: policy.Edits{NodeSelector: []policy.Label{os, build(ws2025)}, RuntimeClassName: "windows-10.0.26100"},
		},
		"a Windows-only pod that does not say so is left alone otherwise": {
			policy: buildPolicy(newestFirst), nodes: fleet(), pod: windowsPod([]string{"core:2025"}, notSayingOS),
		},
		"nothing is inferred from an image with Linux variants": {
			policy: buildPolicy(newestFirst, inferring), nodes: fleet(), pod: windowsPod([]string{"mixed:1"}, notSayingOS),
		},
		"nothing is inferred from an image that cannot be inspected": {
			policy: buildPolicy(newestFirst, inferring), nodes: fleet(), pod: windowsPod([]string{"core:2025", "down:1"}, notSayingOS),
		},
		"a Linux-only pod is pinned to Linux where the policy says so": {
			policy: buildPolicy(newestFirst, pinningLinux), nodes: fleet(), pod: windowsPod([]string{"linux:1"}, notSayingOS),
			want: policy.Edits{NodeSelector: []policy.Label{{Key: corev1.LabelOSStable, Value: "linux"}}},
		},
		"a pod that says it is for Linux is pinned too, since the scheduler ignores what it says": {
			policy: buildPolicy(newestFirst, pinningLinux), nodes: fleet(),
			pod:  windowsPod([]string{"unheard:of"}, func(p *workload.Pod) { p.Spec.OS = &corev1.PodOS{Name: corev1.Linux} }),
			want: policy.Edits{NodeSelector: []policy.Label{{Key: corev1.LabelOSStable, Value: "linux"}}},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := world{policies: []v1alpha1.WindowsBuildPolicy{c.policy}, nodes: c.nodes}
			decision := w.evaluate(t, &policy.Request{Pod: c.pod})
			if diff := cmp.Diff(c.want, decision.Edits); diff != "" {
				t.Errorf("edits (-want +got):\n%s", diff)
			}
		})
	}
}

func inferring(s *v1alpha1.WindowsBuildPolicySpec) {
	s.Inference.WindowsPods = v1alpha1.WindowsInferenceInfer
}

func pinningLinux(s *v1alpha1.WindowsBuildPolicySpec) {
	s.Inference.LinuxPods = v1alpha1.LinuxInferencePin
}

// apply makes the edits in a copy of the pod.
func apply(pod *workload.Pod, edits policy.Edits) *workload.Pod {
	edited := *pod
	edited.Spec.NodeSelector = maps.Clone(pod.Spec.NodeSelector)
	for _, label := range edits.NodeSelector {
		selecting(label.Key, label.Value)(&edited)
	}
	if edits.OS != "" {
		edited.Spec.OS = &corev1.PodOS{Name: corev1.OSName(edits.OS)}
	}
	if edits.RuntimeClassName != "" {
		edited.Spec.RuntimeClassName = ptr.To(edits.RuntimeClassName)
	}
	edited.Spec.Tolerations = slices.Concat(pod.Spec.Tolerations, edits.Tolerations)
	return &edited
}

// population generates pods of every combination of what placement depends on, in a fixed random order.
func population() []*workload.Pod {
	images := [][]string{
		{"core:2019"}, {"core:2022"}, {"core:2025"}, {"multi:all"}, {"multi:old", "core:2022"}, {"core:2019", "core:2025"},
		{"linux:1"}, {"mixed:1"}, {"silent:1"}, {"down:1"}, {"single:2019"},
	}
	settings := []func(*workload.Pod){
		func(*workload.Pod) {}, notSayingOS, hostProcess, asking(ws2019), asking(ws2025), inClass("windows-10.0.20348"),
		selecting(corev1.LabelWindowsBuild, ws2022), selecting(corev1.LabelOSStable, "windows"), selecting("pool", "legacy"),
		tolerating(osTaint), tolerating(gpuTaint), requiring(onNode("a19")), requiring(onNode("gone")),
		requiring(expression(corev1.LabelWindowsBuild, corev1.NodeSelectorOpNotIn, ws2025)),
	}
	var pods []*workload.Pod
	for _, image := range images {
		for _, one := range settings {
			for _, two := range settings {
				pods = append(pods, windowsPod(image, one, two))
			}
		}
	}
	return pods
}

func populationWorld() world {
	tenants := buildPolicy([]string{ws2025}, hyperV(ws2025), func(s *v1alpha1.WindowsBuildPolicySpec) { s.Priority = -1 })
	tenants.Name = "tenants"
	return world{
		policies: []v1alpha1.WindowsBuildPolicy{buildPolicy(newestFirst, inferring, state(ws2019, v1alpha1.BuildDeprecated)), tenants},
		nodes:    append(fleet(), node("pool", ws2019, labelled("pool", "legacy")), node("gpu", ws2025, tainted(gpuTaint))),
	}
}

func TestEvaluatingAPlacedPodAgainChangesNothing(t *testing.T) {
	facts := populationWorld().facts(t)
	placed := 0
	for _, pod := range population() {
		first, err := policy.Evaluate(&policy.Request{Pod: pod}, facts)
		if err != nil {
			t.Fatal(err)
		}
		if first.Choice() == nil {
			continue
		}
		placed++
		again, err := policy.Evaluate(&policy.Request{Pod: apply(pod, first.Edits)}, facts)
		if err != nil {
			t.Fatal(err)
		}
		if !again.Edits.Empty() {
			t.Fatalf("pod %+v is changed twice: first %+v, then %+v", pod.Spec, first.Edits, again.Edits)
		}
		if again.Choice() == nil || again.Choice().Build != first.Choice().Build {
			t.Fatalf("pod %+v is placed on %v, and once placed on %v", pod.Spec, first.Choice(), again.Choice())
		}
	}
	if placed < 500 {
		t.Errorf("only %d pods of the population were placed", placed)
	}
}

func TestTheOrderOfPoliciesNodesAndClassesDoesNotMatter(t *testing.T) {
	w := populationWorld()
	w.classes = []policy.RuntimeClass{
		{Name: "one", Handler: policy.HandlerProcess}, {Name: "two", Handler: policy.HandlerHyperV},
	}
	facts := w.facts(t)
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 5 {
		shuffled := world{policies: slices.Clone(w.policies), nodes: slices.Clone(w.nodes), classes: slices.Clone(w.classes)}
		random.Shuffle(len(shuffled.policies), func(i, j int) {
			shuffled.policies[i], shuffled.policies[j] = shuffled.policies[j], shuffled.policies[i]
		})
		random.Shuffle(len(shuffled.nodes), func(i, j int) { shuffled.nodes[i], shuffled.nodes[j] = shuffled.nodes[j], shuffled.nodes[i] })
		slices.Reverse(shuffled.classes)
		shuffledFacts := shuffled.facts(t)
		for _, pod := range population() {
			want := text(t, pod, facts)
			if got := text(t, pod, shuffledFacts); got != want {
				t.Fatalf("round %d: pod %+v\n got %s\nwant %s", round, pod.Spec, got, want)
			}
		}
	}
}

// text is everything a user can see of the decision about a pod.
func text(t *testing.T, pod *workload.Pod, facts *policy.Facts) string {
	t.Helper()
	decision, err := policy.Evaluate(&policy.Request{Pod: pod}, facts)
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("%s %v %v %+v", decision.Policy, decision.Windows, decision.Chosen, decision.Edits)
	if decision.Denial != nil {
		text += decision.Denial.String()
	}
	for i := range decision.Warnings {
		text += decision.Warnings[i].String()
	}
	for i := range decision.Candidates {
		text += decision.Candidates[i].Message()
	}
	return text
}

func TestAFinalPodThatCouldBeBoundToAnUnfitNodeIsExposed(t *testing.T) {
	os := selecting(corev1.LabelOSStable, "windows")
	for sentence, c := range map[string]struct {
		pod  *workload.Pod
		want bool
	}{
		"without the system's selector":                                         {windowsPod([]string{"multi:all"}), true},
		"with it, where a build of the fleet cannot run its image":              {windowsPod([]string{"core:2019"}, os), true},
		"with it, where every build runs its image":                             {windowsPod([]string{"multi:all"}, os), false},
		"with the build's selector too":                                         {windowsPod([]string{"core:2019"}, os, selecting(corev1.LabelWindowsBuild, ws2019)), false},
		"with affinity that leaves only builds that run its image":              {windowsPod([]string{"core:2022"}, os, requiring(expression(corev1.LabelWindowsBuild, corev1.NodeSelectorOpIn, ws2022, ws2025))), false},
		"with affinity that leaves a build that does not run its image as well": {windowsPod([]string{"core:2022"}, os, requiring(expression(corev1.LabelWindowsBuild, corev1.NodeSelectorOpIn, ws2019, ws2025))), true},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := world{policies: []v1alpha1.WindowsBuildPolicy{buildPolicy(newestFirst)}, nodes: fleet()}
			decision := w.evaluate(t, &policy.Request{Pod: c.pod})
			if got := decision.Unplaced() != nil; got != c.want {
				t.Errorf("exposed: %v, want %v", got, c.want)
			}
		})
	}
}
