package policy_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

func boundTo(name string) func(*workload.Pod) {
	return func(p *workload.Pod) { p.Spec.NodeName = name }
}

func TestAnExistingPodIsJudgedByTheNodeThatItHas(t *testing.T) {
	for sentence, c := range map[string]struct {
		policy v1alpha1.WindowsBuildPolicy
		pod    *workload.Pod
		want   outcome
	}{
		"an image that its node runs is admitted": {
			policy: buildPolicy(newestFirst), pod: windowsPod([]string{"core:2019"}, boundTo("a19")), want: outcome{Build: ws2019},
		},
		"an image that its node does not run is refused": {
			policy: buildPolicy(newestFirst), pod: windowsPod([]string{"core:2025"}, boundTo("a19")),
			want: outcome{Denial: policy.ReasonImageIncompatible, Field: "spec.nodeName"},
		},
		"that its build is retired does not matter any more": {
			policy: buildPolicy(newestFirst, state(ws2019, v1alpha1.BuildRetired)), pod: windowsPod([]string{"core:2019"}, boundTo("a19")),
			want: outcome{Build: ws2019},
		},
		"that its build is no longer listed does not matter any more": {
			policy: buildPolicy([]string{ws2025}), pod: windowsPod([]string{"core:2019"}, boundTo("a19")), want: outcome{Build: ws2019},
		},
		"an unlisted build still has to run the image": {
			policy: buildPolicy([]string{ws2025}), pod: windowsPod([]string{"core:2025"}, boundTo("a19")),
			want: outcome{Denial: policy.ReasonImageIncompatible, Field: "spec.nodeName"},
		},
		"a pod whose node is gone is judged by nothing": {
			policy: buildPolicy(newestFirst), pod: windowsPod([]string{"core:2022"}, boundTo("gone")), want: outcome{Build: ws2025},
		},
		"a pod that waits is judged by the build that it selects": {
			policy: buildPolicy([]string{ws2025}), pod: windowsPod([]string{"core:2022"}, selecting(corev1.LabelWindowsBuild, ws2022)),
			want: outcome{Build: ws2022},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := world{policies: []v1alpha1.WindowsBuildPolicy{c.policy}, nodes: fleet()}
			decision := w.evaluate(t, &policy.Request{Pod: c.pod, Subject: policy.ExistingPod})
			if diff := cmp.Diff(c.want, outcomeOf(decision)); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			if !decision.Edits.Empty() {
				t.Errorf("an existing pod is changed: %+v", decision.Edits)
			}
		})
	}
}

func TestADaemonSetTemplateIsBoundToEveryBuildThatFits(t *testing.T) {
	mutating := func(s *v1alpha1.WindowsBuildPolicySpec) {
		s.DaemonSets.Templates = v1alpha1.DaemonSetTemplateMutate
	}
	os := []policy.Label{{Key: corev1.LabelOSStable, Value: "windows"}}
	for sentence, c := range map[string]struct {
		policy v1alpha1.WindowsBuildPolicy
		images []string
		want   policy.TemplateEdits
	}{
		"a template that runs on some builds is bound to those": {
			policy: buildPolicy(newestFirst, mutating), images: []string{"core:2022"},
			want: policy.TemplateEdits{
				Edits:  policy.Edits{NodeSelector: os, Tolerations: []corev1.Toleration{exactly(osTaintGKE)}},
				Builds: []policy.Build{{Major: 10, Number: 26100}, {Major: 10, Number: 20348}},
			},
		},
		"a template that runs on every build is bound to none": {
			policy: buildPolicy(newestFirst, mutating), images: []string{"multi:all"},
			want: policy.TemplateEdits{Edits: policy.Edits{NodeSelector: os, Tolerations: []corev1.Toleration{exactly(osTaintGKE), exactly(osTaint)}}},
		},
		"a template that runs on one build is bound to it": {
			policy: buildPolicy(newestFirst, mutating), images: []string{"core:2019"},
			want: policy.TemplateEdits{
				Edits:  policy.Edits{NodeSelector: os, Tolerations: []corev1.Toleration{exactly(osTaint)}},
				Builds: []policy.Build{{Major: 10, Number: 17763}},
			},
		},
		"a build of the fleet that the policy does not list is excluded": {
			policy: buildPolicy([]string{ws2025, ws2022}, mutating), images: []string{"multi:all"},
			want: policy.TemplateEdits{
				Edits:  policy.Edits{NodeSelector: os, Tolerations: []corev1.Toleration{exactly(osTaintGKE)}},
				Builds: []policy.Build{{Major: 10, Number: 26100}, {Major: 10, Number: 20348}},
			},
		},
		"a template is left alone unless the policy says otherwise": {
			policy: buildPolicy(newestFirst), images: []string{"core:2019"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := world{policies: []v1alpha1.WindowsBuildPolicy{c.policy}, nodes: fleet()}
			decision := w.evaluate(t, &policy.Request{Pod: windowsPod(c.images), Subject: policy.Template})
			if diff := cmp.Diff(c.want, decision.Template); diff != "" {
				t.Errorf("template edits (-want +got):\n%s", diff)
			}
			if !decision.Edits.Empty() {
				t.Errorf("a template is given a pod's edits: %+v", decision.Edits)
			}
		})
	}
}

func TestAMissingFactIsAnErrorNotADenial(t *testing.T) {
	w := world{policies: []v1alpha1.WindowsBuildPolicy{buildPolicy(newestFirst)}, nodes: fleet()}
	_, err := policy.Evaluate(&policy.Request{Pod: windowsPod([]string{"unheard:of"})}, w.facts(t))
	if err == nil || !strings.Contains(err.Error(), `the facts of image "unheard:of" were not given`) {
		t.Errorf("error is %v", err)
	}
	if _, err := policy.Evaluate(&policy.Request{Pod: windowsPod(nil)}, &policy.Facts{}); err == nil {
		t.Error("no snapshot is no error")
	}
}

func TestEveryReferenceIsAskedForOnce(t *testing.T) {
	w := world{policies: []v1alpha1.WindowsBuildPolicy{buildPolicy(newestFirst, func(s *v1alpha1.WindowsBuildPolicySpec) {
		s.Images.Exempt = []string{"registry.example.com/base/*"}
		s.Images.Registries = []string{"docker.io", "*.example.com"}
	})}}
	pod := windowsPod([]string{
		"core:2022", "core:2022", "core:2019", "registry.example.com/base/agent:1", "registry.example.com/app:1", "elsewhere.test:5000/app",
	})
	got := policy.References(&policy.Request{Pod: pod}, w.snapshot(t))
	if diff := cmp.Diff([]string{"core:2022", "core:2019", "registry.example.com/app:1"}, got); diff != "" {
		t.Errorf("references (-want +got):\n%s", diff)
	}
}

func TestATemplateThatMisleadsADaemonSetIsToldWhatItLacks(t *testing.T) {
	for sentence, c := range map[string]struct {
		pod *workload.Pod
		fix string
	}{
		"everything": {
			windowsPod([]string{"core:2019"}),
			"add spec.nodeSelector[kubernetes.io/os]: windows, required node affinity node.kubernetes.io/windows-build In [10.0.17763] " +
				"and tolerations for os=windows:NoSchedule, or let the policy do so with daemonSets.templates: Mutate",
		},
		"the builds": {
			windowsPod([]string{"core:2025"}, selecting(corev1.LabelOSStable, "windows")),
			"add required node affinity node.kubernetes.io/windows-build In [10.0.26100], or let the policy do so with daemonSets.templates: Mutate",
		},
		"nothing, where every build runs the image": {windowsPod([]string{"multi:all"}, selecting(corev1.LabelOSStable, "windows")), ""},
		"nothing, where it selects a build that runs the image": {
			windowsPod([]string{"core:2025"}, selecting(corev1.LabelOSStable, "windows"), selecting(corev1.LabelWindowsBuild, ws2025)), "",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := world{policies: []v1alpha1.WindowsBuildPolicy{buildPolicy(newestFirst)}, nodes: fleet()}
			decision := w.evaluate(t, &policy.Request{Pod: c.pod, Subject: policy.Template})
			var fix string
			if decision.Mislead != nil {
				fix = decision.Mislead.Fix
			}
			if fix != c.fix {
				t.Errorf("told to %q, want %q", fix, c.fix)
			}
		})
	}
}
