package policystatus

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	nodev1 "k8s.io/api/node/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// outcome is what a condition comes to.
type outcome struct {
	Status          metav1.ConditionStatus
	Reason, Message string
}

func TestConditions(t *testing.T) {
	const ready, classes, overlapping = v1alpha1.ConditionReady, v1alpha1.ConditionRuntimeClassesReady, v1alpha1.ConditionOverlapping
	invalid := `The policy is not in force: spec.builds[0].build: "latest" is not a Windows build of the form 10.0.20348`
	foreign := `RuntimeClass "windows-10.0.20348" was made by somebody else and is used as it is, although its handler is other, not runhcs-wcow-process. Give the build another runtimeClass.name, or change the RuntimeClass.`
	conflict := `RuntimeClass "win" is left as it is: policy "a" wants the handler one, policy "b" two. Give one of them another name.`
	handler := `RuntimeClass "windows-10.0.20348" has the handler other; it is replaced by one with runhcs-wcow-process once no pod uses it.`
	for name, test := range map[string]struct {
		policy  *v1alpha1.WindowsBuildPolicy
		others  []*v1alpha1.WindowsBuildPolicy
		classes []*nodev1.RuntimeClass
		want    map[string]outcome
	}{
		"a policy with its class is ready": {
			policy:  newPolicy("a"),
			classes: []*nodev1.RuntimeClass{runtimeClass()},
			want: map[string]outcome{
				ready:                         {"True", "InForce", "The policy is in force, in mode Enforce."},
				v1alpha1.ConditionAccepted:    {"True", "Compiled", "The policy is valid."},
				classes:                       {"True", "RuntimeClassesReady", "Every RuntimeClass is as it should be."},
				v1alpha1.ConditionOverlapping: {"False", "NoOverlap", "No other policy can select the same pods."},
			},
		},
		"a policy that does not compile is not in force and says why": {
			policy:  newPolicy("a", build("latest")),
			others:  []*v1alpha1.WindowsBuildPolicy{newPolicy("b")},
			classes: []*nodev1.RuntimeClass{runtimeClass()},
			want: map[string]outcome{
				ready:                      {"False", "InvalidSpec", invalid},
				v1alpha1.ConditionAccepted: {"False", "InvalidSpec", invalid},
				classes:                    {"Unknown", "InvalidSpec", "What the policy needs cannot be told before it is valid."},
				overlapping:                {"False", "NoOverlap", "The policy is not in force."},
			},
		},
		"a missing class is pending": {
			policy: newPolicy("a"),
			want: map[string]outcome{
				ready:   {"False", "RuntimeClassPending", `RuntimeClass "windows-10.0.20348" is being made.`},
				classes: {"False", "RuntimeClassPending", `RuntimeClass "windows-10.0.20348" is being made.`},
			},
		},
		"a class with another handler is pending": {
			policy:  newPolicy("a"),
			classes: []*nodev1.RuntimeClass{runtimeClass(func(c *nodev1.RuntimeClass) { c.Handler = "other" })},
			want:    map[string]outcome{ready: {"False", "RuntimeClassPending", handler}},
		},
		"somebody else's class that differs is named": {
			policy: newPolicy("a"),
			classes: []*nodev1.RuntimeClass{runtimeClass(func(c *nodev1.RuntimeClass) {
				c.Labels, c.Handler = nil, "other"
			})},
			want: map[string]outcome{
				ready:   {"False", "ForeignRuntimeClass", foreign},
				classes: {"False", "ForeignRuntimeClass", foreign},
			},
		},
		"somebody else's class that does the same is fine": {
			policy:  newPolicy("a"),
			classes: []*nodev1.RuntimeClass{runtimeClass(func(c *nodev1.RuntimeClass) { c.Labels = nil })},
			want:    map[string]outcome{ready: {"True", "InForce", "The policy is in force, in mode Enforce."}},
		},
		"policies that disagree about a class are both told: the first": {
			policy: newPolicy("a", class("win", "one")),
			others: []*v1alpha1.WindowsBuildPolicy{newPolicy("b", class("win", "two"))},
			want:   map[string]outcome{ready: {"False", "RuntimeClassConflict", conflict}},
		},
		"policies that disagree about a class are both told: the second": {
			policy: newPolicy("b", class("win", "two")),
			others: []*v1alpha1.WindowsBuildPolicy{newPolicy("a", class("win", "one"))},
			want:   map[string]outcome{ready: {"False", "RuntimeClassConflict", conflict}},
		},
		"of several reasons the one that needs a person comes first, and the message has all": {
			policy: newPolicy("a", func(p *v1alpha1.WindowsBuildPolicy) {
				p.Spec.Builds = append(p.Spec.Builds, v1alpha1.BuildRule{Build: "10.0.26100"})
			}),
			classes: []*nodev1.RuntimeClass{runtimeClass(func(c *nodev1.RuntimeClass) {
				c.Labels, c.Handler = nil, "other"
			})},
			want: map[string]outcome{classes: {"False", "ForeignRuntimeClass", foreign + ` RuntimeClass "windows-10.0.26100" is being made.`}},
		},
		"a policy that others come before and after says so": {
			policy: newPolicy("m"),
			others: []*v1alpha1.WindowsBuildPolicy{
				newPolicy("z", priority(10)), newPolicy("a"), newPolicy("b", priority(-1)),
				newPolicy("broken", build("latest")),
			},
			want: map[string]outcome{overlapping: {"True", "Overlapping",
				`Policies that come before this one for pods that both select: "z", "a". This policy comes before others for pods that both select: "b".`}},
		},
		"policies for different namespaces do not overlap": {
			policy: newPolicy("a", namespaces("team", "a")),
			others: []*v1alpha1.WindowsBuildPolicy{newPolicy("b", namespaces("team", "b"))},
			want:   map[string]outcome{overlapping: {"False", "NoOverlap", "No other policy can select the same pods."}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			status := Compute(test.policy, cluster(test.policy, test.others, test.classes), time.Unix(1_000_000, 0))
			for kind, want := range test.want {
				c := meta.FindStatusCondition(status.Conditions, kind)
				if c == nil {
					t.Errorf("no condition %s", kind)
					continue
				}
				if diff := cmp.Diff(want, outcome{c.Status, c.Reason, c.Message}); diff != "" {
					t.Errorf("%s (-want +got):\n%s", kind, diff)
				}
				if c.ObservedGeneration != test.policy.Generation {
					t.Errorf("%s is about generation %d", kind, c.ObservedGeneration)
				}
			}
		})
	}
}

func TestBuildsAsTheClusterHasThem(t *testing.T) {
	p := newPolicy("a", func(p *v1alpha1.WindowsBuildPolicy) {
		p.Spec.Builds = []v1alpha1.BuildRule{
			{Build: "10.0.26100", Isolation: v1alpha1.IsolationHyperV}, {Build: build2022}, {Build: "10.0.26200"},
		}
	})
	status := Compute(p, cluster(p, nil, nil), time.Unix(1_000_000, 0))
	want := []v1alpha1.BuildStatus{
		{
			Build: "10.0.26100", Release: "Windows Server 2025", RuntimeClass: "windows-10.0.26100-hyperv",
			ImageBuilds: []string{
				"10.0.14393", "10.0.16299", "10.0.17134", "10.0.17763", "10.0.18362", "10.0.18363",
				"10.0.19041", "10.0.19042", "10.0.20348", "10.0.26100",
			},
		},
		{
			Build: build2022, Release: "Windows Server 2022", Nodes: 3, ReadyNodes: 1, RuntimeClass: class2022,
			ImageBuilds: []string{build2022},
		},
		{Build: "10.0.26200", RuntimeClass: "windows-10.0.26200", ImageBuilds: []string{build2022, "10.0.26100"}},
	}
	if diff := cmp.Diff(want, status.Builds); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if want := "10.0.26100 (0/0), 10.0.20348 (1/3), 10.0.26200 (0/0)"; status.Summary != want {
		t.Errorf("got %q, want %q", status.Summary, want)
	}
	if status.ObservedGeneration != p.Generation {
		t.Errorf("observed generation %d", status.ObservedGeneration)
	}
}

func TestTheTimeOfAConditionIsThatOfItsLastChange(t *testing.T) {
	p := newPolicy("a")
	first, later := time.Unix(1_000_000, 0), time.Unix(2_000_000, 0)
	p.Status = Compute(p, cluster(p, nil, nil), first)
	status := Compute(p, cluster(p, nil, []*nodev1.RuntimeClass{runtimeClass()}), later)
	for kind, want := range map[string]time.Time{
		v1alpha1.ConditionReady:       later,
		v1alpha1.ConditionAccepted:    first,
		v1alpha1.ConditionOverlapping: first,
	} {
		if got := meta.FindStatusCondition(status.Conditions, kind).LastTransitionTime; !got.Time.Equal(want) {
			t.Errorf("%s: got %v, want %v", kind, got, want)
		}
	}
}

func cluster(p *v1alpha1.WindowsBuildPolicy, others []*v1alpha1.WindowsBuildPolicy, classes []*nodev1.RuntimeClass) *Cluster {
	c := &Cluster{Policies: []v1alpha1.WindowsBuildPolicy{*p}, Fleet: fleet(), Classes: map[string]*nodev1.RuntimeClass{}}
	for _, other := range others {
		c.Policies = append(c.Policies, *other)
	}
	for _, class := range classes {
		c.Classes[class.Name] = class
	}
	return c
}
