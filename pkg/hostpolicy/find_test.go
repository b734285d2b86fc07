package hostpolicy_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostpolicy"
	"github.com/mullion-dev/mullion/pkg/policy"
)

const build = "10.0.20348"

// answer is what Find comes to, in what can be compared.
type answer struct {
	Policy, NodeConfig string
	Leave              bool
	Reason, Message    string
	Keeps              string
}

func TestFind(t *testing.T) {
	for sentence, c := range map[string]struct {
		policies []v1alpha1.WindowsBuildPolicy
		host     v1alpha1.WindowsHostSpec
		build    string
		want     answer
	}{
		"the policy that lists the build is the host's": {
			policies: policies(offer("general", 0, rule(build, "v1"))),
			want:     answer{Policy: "general", NodeConfig: "v1"},
		},
		"the highest priority wins": {
			policies: policies(offer("a", 0, rule(build, "low")), offer("b", 5, rule(build, "high")), offer("c", -1, rule(build, "lowest"))),
			want:     answer{Policy: "b", NodeConfig: "high"},
		},
		"of equal priorities the first name wins": {
			policies: policies(offer("b", 5, rule(build, "second")), offer("a", 5, rule(build, "first"))),
			want:     answer{Policy: "a", NodeConfig: "first"},
		},
		"a policy for other builds is passed over": {
			policies: policies(offer("a", 9, rule("10.0.26100", "other")), offer("b", 0, rule(build, "v1"))),
			want:     answer{Policy: "b", NodeConfig: "v1"},
		},
		"a policy without a nodeConfigRef for the build is passed over": {
			policies: policies(offer("a", 9, rule(build, "")), offer("b", 0, rule(build, "v1"))),
			want:     answer{Policy: "b", NodeConfig: "v1"},
		},
		"the policy that the host names wins over a higher priority": {
			policies: policies(offer("a", 9, rule(build, "high")), offer("b", 0, rule(build, "v1"))),
			host:     v1alpha1.WindowsHostSpec{Policy: "b"},
			want:     answer{Policy: "b", NodeConfig: "v1"},
		},
		"a configuration of the host's own wins over the policy's": {
			policies: policies(offer("a", 0, rule(build, "v1"))),
			host:     v1alpha1.WindowsHostSpec{NodeConfigRef: &v1alpha1.NodeConfigReference{Name: "trial"}},
			want:     answer{Policy: "a", NodeConfig: "trial"},
		},
		"a configuration of the host's own does not change its policy": {
			policies: policies(offer("a", 9, rule(build, "")), offer("b", 0, rule(build, "v1"))),
			host:     v1alpha1.WindowsHostSpec{NodeConfigRef: &v1alpha1.NodeConfigReference{Name: "trial"}},
			want:     answer{Policy: "b", NodeConfig: "trial"},
		},
		"a configuration of the host's own is enough where no policy has one": {
			policies: policies(offer("a", 0, rule(build, "")), offer("b", 2, rule(build, ""))),
			host:     v1alpha1.WindowsHostSpec{NodeConfigRef: &v1alpha1.NodeConfigReference{Name: "trial"}},
			want:     answer{Policy: "b", NodeConfig: "trial"},
		},
		"a host of a retired build leaves": {
			policies: policies(offer("a", 0, state(rule(build, "v1"), v1alpha1.BuildRetired))),
			want:     answer{Policy: "a", NodeConfig: "v1", Leave: true},
		},
		"a host of a deprecated build stays": {
			policies: policies(offer("a", 0, state(rule(build, "v1"), v1alpha1.BuildDeprecated))),
			want:     answer{Policy: "a", NodeConfig: "v1"},
		},
		"a host of a deprecated build leaves where such builds are evacuated": {
			policies: policies(evacuating(offer("a", 0, state(rule(build, "v1"), v1alpha1.BuildDeprecated)))),
			want:     answer{Policy: "a", NodeConfig: "v1", Leave: true},
		},
		"a host of an active build stays where deprecated ones are evacuated": {
			policies: policies(evacuating(offer("a", 0, rule(build, "v1")))),
			want:     answer{Policy: "a", NodeConfig: "v1"},
		},
		"a host of a preview build has its configuration": {
			policies: policies(offer("a", 0, state(rule(build, "v1"), v1alpha1.BuildPreview))),
			want:     answer{Policy: "a", NodeConfig: "v1"},
		},
		"a policy that retires the build wins over a later one that offers it": {
			policies: policies(offer("a", 1, state(rule(build, "v1"), v1alpha1.BuildRetired)), offer("b", 0, rule(build, "v2"))),
			want:     answer{Policy: "a", NodeConfig: "v1", Leave: true},
		},
		"no policy at all": {
			want: answer{Reason: "NoPolicy", Message: "No WindowsBuildPolicy lists the host's build 10.0.20348. Add it to one, with a nodeConfigRef."},
		},
		"only policies for other builds": {
			policies: policies(offer("a", 0, rule("10.0.26100", "v1"))),
			want:     answer{Reason: "NoPolicy", Message: "No WindowsBuildPolicy lists the host's build 10.0.20348. Add it to one, with a nodeConfigRef."},
		},
		"the host names a policy that does not exist": {
			policies: policies(offer("a", 0, rule(build, "v1"))),
			host:     v1alpha1.WindowsHostSpec{Policy: "gone"},
			want:     answer{Reason: "NoPolicy", Message: `spec.policy names WindowsBuildPolicy "gone", which does not exist. Make it, or name another.`},
		},
		"the host names a policy that does not list its build": {
			policies: policies(offer("a", 0, rule("10.0.26100", "v1")), offer("b", 0, rule(build, "v1"))),
			host:     v1alpha1.WindowsHostSpec{Policy: "a"},
			want: answer{Reason: "NoPolicy",
				Message: `spec.policy names WindowsBuildPolicy "a", which does not list the host's build 10.0.20348. Add the build to it, or name another policy.`},
		},
		"the host names a policy that leaves its build to somebody else": {
			policies: policies(offer("a", 0, rule(build, "")), offer("b", 0, rule(build, "v1"))),
			host:     v1alpha1.WindowsHostSpec{Policy: "a"},
			want: answer{Reason: "NoNodeConfig",
				Message: `WindowsBuildPolicy "a" lists the host's build 10.0.20348 without a nodeConfigRef, so that it is left to somebody else. Give it one, or give the host a nodeConfigRef of its own.`},
		},
		"every policy leaves its build to somebody else": {
			policies: policies(offer("c", 0, rule(build, "")), offer("a", 3, rule(build, "")), offer("b", 0, rule(build, ""))),
			want: answer{Reason: "NoNodeConfig",
				Message: `WindowsBuildPolicies "a", "b" and "c" list the host's build 10.0.20348 without a nodeConfigRef, so that it is left to somebody else. Give one of them one, or give the host a nodeConfigRef of its own.`},
		},
		"a policy that is not valid keeps its hosts": {
			policies: policies(offer("a", 1, rule(build, "v1"), rule("latest", "")), offer("b", 0, rule(build, "v2"))),
			want: answer{Reason: "NoPolicy", Keeps: "a",
				Message: `WindowsBuildPolicy "a" is not valid, and its hosts stay as they are until it is: spec.builds[1].build: "latest" is not a Windows build of the form 10.0.20348.`},
		},
		"the build is not known yet": {
			policies: policies(offer("a", 0, rule(build, "v1"))),
			build:    "-",
			want:     answer{Reason: "NotYet", Message: "The host's build is not known yet, and its policy follows from it."},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			asked := build
			if c.build != "" {
				asked = ""
			}
			backwards := slices.Clone(c.policies)
			slices.Reverse(backwards)
			for _, given := range [][]v1alpha1.WindowsBuildPolicy{c.policies, backwards} {
				if diff := cmp.Diff(c.want, find(given, &v1alpha1.WindowsHost{Spec: c.host}, asked)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestHostsFindPoliciesInTheOrderInWhichPodsDo(t *testing.T) {
	given := policies(offer("b", 1, rule(build, "x")), offer("a", 1, rule(build, "x")), offer("c", 7, rule(build, "x")), offer("d", -3, rule(build, "x")))
	for len(given) > 0 {
		compiled := make([]*policy.Policy, len(given))
		for i := range given {
			var err error
			if compiled[i], err = policy.Compile(&given[i]); err != nil {
				t.Fatal(err)
			}
		}
		want := policy.NewPolicies(compiled).All()[0].Name
		if got := find(given, &v1alpha1.WindowsHost{}, build).Policy; got != want {
			t.Fatalf("a host lives under %s, and a pod is placed by %s", got, want)
		}
		given = slices.DeleteFunc(given, func(p v1alpha1.WindowsBuildPolicy) bool { return p.Name == want })
	}
}

func find(policies []v1alpha1.WindowsBuildPolicy, host *v1alpha1.WindowsHost, build string) answer {
	found, none := hostpolicy.Find(policies, host, build)
	if none != nil {
		return answer{Reason: none.Reason, Message: none.Message, Keeps: none.Keeps, Leave: found.Leave, NodeConfig: found.NodeConfig}
	}
	return answer{Policy: found.Policy.Name, NodeConfig: found.NodeConfig, Leave: found.Leave}
}

func policies(p ...v1alpha1.WindowsBuildPolicy) []v1alpha1.WindowsBuildPolicy { return p }

func offer(name string, priority int32, rules ...v1alpha1.BuildRule) v1alpha1.WindowsBuildPolicy {
	return v1alpha1.WindowsBuildPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       v1alpha1.WindowsBuildPolicySpec{Priority: priority, Builds: rules},
	}
}

func evacuating(p v1alpha1.WindowsBuildPolicy) v1alpha1.WindowsBuildPolicy {
	p.Spec.Rollout.Deprecated = v1alpha1.DeprecatedEvacuate
	return p
}

func rule(build, config string) v1alpha1.BuildRule {
	r := v1alpha1.BuildRule{Build: build}
	if config != "" {
		r.NodeConfigRef = &v1alpha1.NodeConfigReference{Name: config}
	}
	return r
}

func state(r v1alpha1.BuildRule, s v1alpha1.BuildState) v1alpha1.BuildRule {
	r.State = s
	return r
}

func TestAPolicyThatIsKnownSaysWhatAHostIsToHave(t *testing.T) {
	p := &v1alpha1.WindowsBuildPolicy{Spec: v1alpha1.WindowsBuildPolicySpec{Builds: []v1alpha1.BuildRule{
		{Build: "10.0.20348", NodeConfigRef: &v1alpha1.NodeConfigReference{Name: "windows-2022"}},
		{Build: "10.0.26100"},
	}}}
	own := &v1alpha1.WindowsHost{Spec: v1alpha1.WindowsHostSpec{NodeConfigRef: &v1alpha1.NodeConfigReference{Name: "own"}}}
	for sentence, c := range map[string]struct {
		host   *v1alpha1.WindowsHost
		build  string
		lists  bool
		config string
	}{
		"of its build":                       {&v1alpha1.WindowsHost{}, "10.0.20348", true, "windows-2022"},
		"of its own":                         {own, "10.0.20348", true, "own"},
		"left to somebody else":              {&v1alpha1.WindowsHost{}, "10.0.26100", true, ""},
		"of a build that is new":             {&v1alpha1.WindowsHost{}, "10.0.17763", false, ""},
		"of its own, of a build that is new": {own, "10.0.17763", false, ""},
	} {
		if lists, config := hostpolicy.Lists(p, c.build), hostpolicy.NodeConfig(p, c.host, c.build); lists != c.lists || config != c.config {
			t.Errorf("%s: lists %t, %q", sentence, lists, config)
		}
	}
}
