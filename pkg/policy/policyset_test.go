package policy_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

func named(name string, changes ...func(*v1alpha1.WindowsBuildPolicySpec)) v1alpha1.WindowsBuildPolicy {
	p := buildPolicy([]string{ws2022}, changes...)
	p.Name = name
	return p
}

func priority(n int32) func(*v1alpha1.WindowsBuildPolicySpec) {
	return func(s *v1alpha1.WindowsBuildPolicySpec) { s.Priority = n }
}

func forNamespaces(key string, operator metav1.LabelSelectorOperator, values ...string) func(*v1alpha1.WindowsBuildPolicySpec) {
	return func(s *v1alpha1.WindowsBuildPolicySpec) {
		s.NamespaceSelector = &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: key, Operator: operator, Values: values}}}
	}
}

func forPods(key, value string) func(*v1alpha1.WindowsBuildPolicySpec) {
	return func(s *v1alpha1.WindowsBuildPolicySpec) {
		s.ObjectSelector = &metav1.LabelSelector{MatchLabels: map[string]string{key: value}}
	}
}

func TestWhichPolicyIsInForce(t *testing.T) {
	in, notIn, exists := metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn, metav1.LabelSelectorOpExists
	for sentence, c := range map[string]struct {
		policies       []v1alpha1.WindowsBuildPolicy
		namespace, pod map[string]string
		want           string
	}{
		"no policy, no opinion": {},
		"a policy without selectors is for every pod": {
			policies: []v1alpha1.WindowsBuildPolicy{named("all")}, want: "all",
		},
		"the highest priority wins": {
			policies: []v1alpha1.WindowsBuildPolicy{named("a"), named("b", priority(5))}, want: "b",
		},
		"among equal priorities the first name wins": {
			policies: []v1alpha1.WindowsBuildPolicy{named("b"), named("a")}, want: "a",
		},
		"a policy for other namespaces is not in force": {
			policies:  []v1alpha1.WindowsBuildPolicy{named("blue", forNamespaces("team", in, "blue"), priority(9)), named("all")},
			namespace: map[string]string{"team": "red"}, want: "all",
		},
		"a policy for this namespace and a higher priority wins over one for all": {
			policies:  []v1alpha1.WindowsBuildPolicy{named("blue", forNamespaces("team", in, "green", "blue"), priority(9)), named("all")},
			namespace: map[string]string{"team": "blue", "tier": "web"}, want: "blue",
		},
		"a policy for this namespace does not win by being more specific": {
			policies:  []v1alpha1.WindowsBuildPolicy{named("z", forNamespaces("team", in, "blue")), named("all")},
			namespace: map[string]string{"team": "blue"}, want: "all",
		},
		"of two policies found by different labels the higher priority wins": {
			policies: []v1alpha1.WindowsBuildPolicy{
				named("tier", forNamespaces("tier", in, "web"), priority(1)), named("team", forNamespaces("team", in, "blue"), priority(2)),
			},
			namespace: map[string]string{"team": "blue", "tier": "web"}, want: "team",
		},
		"a selector without a particular value is heeded": {
			policies:  []v1alpha1.WindowsBuildPolicy{named("windows", forNamespaces("windows", exists))},
			namespace: map[string]string{"windows": ""}, want: "windows",
		},
		"a namespace that a selector excludes has no policy": {
			policies:  []v1alpha1.WindowsBuildPolicy{named("not-red", forNamespaces("team", notIn, "red"))},
			namespace: map[string]string{"team": "red"},
		},
		"a policy for some pods is for those only": {
			policies: []v1alpha1.WindowsBuildPolicy{named("canary", forPods("track", "canary"), priority(1)), named("all")},
			pod:      map[string]string{"track": "stable"}, want: "all",
		},
		"a policy for some pods is for these": {
			policies: []v1alpha1.WindowsBuildPolicy{named("canary", forPods("track", "canary"), priority(1)), named("all")},
			pod:      map[string]string{"track": "canary"}, want: "canary",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := world{policies: c.policies, nodes: fleet()}
			pod := windowsPod([]string{"core:2022"}, func(p *workload.Pod) { p.Metadata.Labels = c.pod })
			decision := w.evaluate(t, &policy.Request{Pod: pod, NamespaceLabels: c.namespace})
			if decision.Policy != c.want {
				t.Errorf("policy in force is %q, want %q", decision.Policy, c.want)
			}
		})
	}
}

func TestModesDecideWhetherAPodIsPlaced(t *testing.T) {
	for mode, want := range map[v1alpha1.Mode]bool{
		v1alpha1.ModeEnforce: true, v1alpha1.ModeWarn: true, v1alpha1.ModeAudit: false, "": true,
	} {
		w := world{policies: []v1alpha1.WindowsBuildPolicy{named("p", func(s *v1alpha1.WindowsBuildPolicySpec) { s.Mode = mode })}, nodes: fleet()}
		fits := w.evaluate(t, &policy.Request{Pod: windowsPod([]string{"core:2022"})})
		if fits.Places() != want || fits.Denial != nil {
			t.Errorf("mode %q, a pod that fits: places %v, denial %v", mode, fits.Places(), fits.Denial)
		}
		unfit := w.evaluate(t, &policy.Request{Pod: windowsPod([]string{"core:2019"})})
		if !unfit.Edits.Empty() || unfit.Denial == nil {
			t.Errorf("mode %q, a pod that does not fit: edits %v, denial %v", mode, unfit.Edits, unfit.Denial)
		}
	}
}

func TestAPolicyThatCannotBeCompiledNamesTheField(t *testing.T) {
	for field, change := range map[string]func(*v1alpha1.WindowsBuildPolicySpec){
		"spec.namespaceSelector": forNamespaces("team", "Like", "blue"),
		"spec.objectSelector":    forPods("not a label!", "x"),
		"spec.builds[1].build":   func(s *v1alpha1.WindowsBuildPolicySpec) { s.Builds = append(s.Builds, s.Builds[0]) },
		"spec.builds[0].build":   func(s *v1alpha1.WindowsBuildPolicySpec) { s.Builds[0].Build = "ltsc2022" },
		"spec.builds":            func(s *v1alpha1.WindowsBuildPolicySpec) { s.Builds = nil },
		"spec.builds: 33 builds": func(s *v1alpha1.WindowsBuildPolicySpec) { s.Builds = manyBuilds(33) },
		"spec.compatibility": func(s *v1alpha1.WindowsBuildPolicySpec) {
			s.Compatibility = []v1alpha1.CompatibilityRule{{HostBuild: "?", MinImageBuild: ws2022, MaxImageBuild: ws2022}}
		},
	} {
		p := named("wrong", change)
		_, err := policy.Compile(&p)
		if err == nil {
			t.Errorf("a policy with a wrong %s was compiled", field)
			continue
		}
		if got := err.Error(); len(got) < len(field) || got[:len(field)] != field {
			t.Errorf("the error of a wrong %s does not begin with the field: %s", field, got)
		}
	}
}

func TestOnlyWindowsPodsConcernAPolicy(t *testing.T) {
	windowsClass := policy.RuntimeClass{Name: "win", Handler: policy.HandlerProcess}
	for sentence, c := range map[string]struct {
		pod  *workload.Pod
		want bool
	}{
		"spec.os says Windows": {windowsPod([]string{"core:2022"}), true},
		"spec.os says Linux, whatever else the pod says": {windowsPod([]string{"linux:1"}, func(p *workload.Pod) {
			p.Spec.OS = &corev1.PodOS{Name: corev1.Linux}
			p.Spec.NodeSelector = map[string]string{corev1.LabelOSStable: "windows"}
		}), false},
		"the node selector says Windows":           {windowsPod([]string{"core:2022"}, notSayingOS, selecting(corev1.LabelOSStable, "windows")), true},
		"the old node selector says Windows":       {windowsPod([]string{"core:2022"}, notSayingOS, selecting("beta.kubernetes.io/os", "windows")), true},
		"the node selector says Linux":             {windowsPod([]string{"linux:1"}, notSayingOS, selecting(corev1.LabelOSStable, "linux")), false},
		"the node selector names a Windows build":  {windowsPod([]string{"core:2022"}, notSayingOS, selecting(corev1.LabelWindowsBuild, ws2022)), true},
		"the pod's label names a Windows build":    {windowsPod([]string{"core:2022"}, notSayingOS, asking(ws2022)), true},
		"the pod runs as processes of the host":    {windowsPod([]string{"core:2022"}, notSayingOS, hostProcess), true},
		"the RuntimeClass is one for Windows":      {windowsPod([]string{"core:2022"}, notSayingOS, inClass("win")), true},
		"the RuntimeClass is the policy's":         {windowsPod([]string{"core:2022"}, notSayingOS, inClass("windows-10.0.20348")), true},
		"the RuntimeClass is somebody else's":      {windowsPod([]string{"linux:1"}, notSayingOS, inClass("gvisor")), false},
		"every affinity term asks for Windows":     {windowsPod([]string{"core:2022"}, notSayingOS, requiring(expression(corev1.LabelOSStable, corev1.NodeSelectorOpIn, "windows"))), true},
		"affinity asks for anything but Linux":     {windowsPod([]string{"core:2022"}, notSayingOS, requiring(expression(corev1.LabelOSStable, corev1.NodeSelectorOpNotIn, "linux"))), true},
		"one of the affinity terms is for Windows": {windowsPod([]string{"linux:1"}, notSayingOS, requiring(expression(corev1.LabelOSStable, corev1.NodeSelectorOpIn, "windows"), expression("zone", corev1.NodeSelectorOpIn, "a"))), false},
		"nothing says anything":                    {windowsPod([]string{"core:2022"}, notSayingOS), false},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := world{policies: []v1alpha1.WindowsBuildPolicy{buildPolicy(newestFirst)}, nodes: fleet(), classes: []policy.RuntimeClass{windowsClass}}
			decision := w.evaluate(t, &policy.Request{Pod: c.pod})
			if decision.Windows != c.want {
				t.Errorf("taken for a Windows pod: %v, want %v", decision.Windows, c.want)
			}
			if references := policy.References(&policy.Request{Pod: c.pod}, w.snapshot(t)); (len(references) > 0) != c.want {
				t.Errorf("images to ask about: %v", references)
			}
		})
	}
}
