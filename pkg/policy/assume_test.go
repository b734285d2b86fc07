package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

var (
	build2019 = policy.Build{Major: 10, Number: 17763}
	build2022 = policy.Build{Major: 10, Number: 20348}
	build2025 = policy.Build{Major: 10, Number: 26100}
)

func TestAnAssumptionLeadsToTheDecisionThatItsTruthWouldLeadTo(t *testing.T) {
	const imageField = "spec.containers[0].image"
	strict := func(s *v1alpha1.WindowsBuildPolicySpec) { s.WhenNoReadyNode = v1alpha1.NoReadyNodeDeny }
	other := buildPolicy([]string{ws2019})
	for sentence, c := range map[string]struct {
		policy v1alpha1.WindowsBuildPolicy
		image  string
		assume policy.Assumption
		want   outcome
	}{
		"nothing assumed": {
			policy: buildPolicy(newestFirst), image: "multi:all",
			want: outcome{Build: ws2025},
		},
		"a build that is retired takes no new pods": {
			policy: buildPolicy(newestFirst), image: "multi:all",
			assume: policy.Assumption{States: map[policy.Build]v1alpha1.BuildState{build2025: v1alpha1.BuildRetired}},
			want:   outcome{Build: ws2022},
		},
		"a state of a build that no policy lists offers it to nobody": {
			policy: buildPolicy([]string{ws2022}), image: "core:2019",
			assume: policy.Assumption{States: map[policy.Build]v1alpha1.BuildState{build2019: v1alpha1.BuildActive}},
			want:   outcome{Denial: policy.ReasonImageIncompatible, Field: imageField},
		},
		"a build that the policy does not offer yet takes pods": {
			policy: buildPolicy([]string{ws2022}), image: "core:2019",
			assume: policy.Assumption{Builds: []v1alpha1.BuildRule{{Build: ws2019}}},
			want:   outcome{Build: ws2019},
		},
		"another rule for a build takes the place of its own": {
			policy: buildPolicy([]string{ws2022, ws2019}), image: "single:2019",
			assume: policy.Assumption{Builds: []v1alpha1.BuildRule{{Build: ws2022, Isolation: v1alpha1.IsolationHyperV}}},
			want:   outcome{Build: ws2022},
		},
		"another policy takes the place of all": {
			policy: buildPolicy(newestFirst), image: "multi:all",
			assume: policy.Assumption{Policy: compiled(t, &other)},
			want:   outcome{Build: ws2019},
		},
		"nodes that are removed offer nothing": {
			policy: buildPolicy(newestFirst, strict), image: "core:2019",
			assume: policy.Assumption{RemovedNodes: []string{"a19", "b19"}},
			want:   outcome{Denial: policy.ReasonNoReadyNode},
		},
		"nodes that are added are Ready": {
			policy: buildPolicy(newestFirst, strict), image: "core:2019",
			assume: policy.Assumption{RemovedNodes: []string{"a19", "b19"}, Nodes: []policy.Node{node("c19", ws2019)}},
			want:   outcome{Build: ws2019},
		},
		"nodes that are upgraded run what their new build runs": {
			policy: buildPolicy([]string{ws2022, ws2019}, strict), image: "core:2022",
			assume: policy.Assumption{RemovedNodes: []string{"a22", "b22"}, Upgrades: map[policy.Build]policy.Build{build2019: build2022}},
			want:   outcome{Build: ws2022},
		},
		"nodes that are upgraded run no longer what their old build ran": {
			policy: buildPolicy(newestFirst, strict), image: "core:2019",
			assume: policy.Assumption{Upgrades: map[policy.Build]policy.Build{build2019: build2022}},
			want:   outcome{Denial: policy.ReasonNoReadyNode},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			facts := world{policies: []v1alpha1.WindowsBuildPolicy{c.policy}, nodes: fleet()}.facts(t)
			base := facts.Snapshot
			before := count(base)
			assumed, err := base.Assume(&c.assume)
			if err != nil {
				t.Fatal(err)
			}
			facts.Snapshot = assumed
			decision, err := policy.Evaluate(&policy.Request{Pod: windowsPod([]string{c.image})}, facts)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, outcomeOf(decision)); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			if after := count(base); after != before {
				t.Errorf("the snapshot itself went from %s to %s", before, after)
			}
		})
	}
}

func TestAssumptionsThatMakeNoSenseAreRefusedTogether(t *testing.T) {
	base := world{policies: []v1alpha1.WindowsBuildPolicy{buildPolicy(newestFirst)}, nodes: fleet()}.snapshot(t)
	for want, assume := range map[string]policy.Assumption{
		`builds[0].build: "ltsc2022" is not a Windows build`:              {Builds: []v1alpha1.BuildRule{{Build: "ltsc2022"}}},
		"builds[1].build: 10.0.20348 is listed twice":                     {Builds: []v1alpha1.BuildRule{{Build: ws2022}, {Build: ws2022}}},
		`removedNodes[1]: there is no Windows node "z19"`:                 {RemovedNodes: []string{"a19", "z19"}},
		`nodes[0]: there is a node "a19" already`:                         {Nodes: []policy.Node{node("a19", ws2022)}},
		"10.0.17763 is upgraded to 10.0.20348, which is upgraded too":     {Upgrades: map[policy.Build]policy.Build{build2019: build2022, build2022: build2025}},
		`policy "default" would have 33 builds, and a policy can have 32`: {Builds: manyBuilds(30)},
	} {
		_, err := base.Assume(&assume)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %s", err, want)
		}
	}
	_, err := base.Assume(&policy.Assumption{RemovedNodes: []string{"z19"}, Builds: []v1alpha1.BuildRule{{Build: "x"}}})
	if err == nil || !strings.Contains(err.Error(), "z19") || !strings.Contains(err.Error(), `"x"`) {
		t.Errorf("got %v, want an error that names both", err)
	}
}

func TestWhatOfAnAssumptionChangesNothingIsTold(t *testing.T) {
	base := world{policies: []v1alpha1.WindowsBuildPolicy{buildPolicy(newestFirst)}, nodes: fleet()}.snapshot(t)
	unknown := policy.Build{Major: build2019.Major, Minor: build2019.Minor, Number: 14393}
	other := buildPolicy([]string{ws2022})
	for sentence, c := range map[string]struct {
		assume policy.Assumption
		want   []string
	}{
		"nothing is supposed":                          {},
		"a build that a policy lists is retired":       {assume: policy.Assumption{States: map[policy.Build]v1alpha1.BuildState{build2019: v1alpha1.BuildRetired}}},
		"a build of which there are nodes is upgraded": {assume: policy.Assumption{Upgrades: map[policy.Build]policy.Build{build2019: build2022}}},
		"builds that nobody has heard of": {
			assume: policy.Assumption{
				States:   map[policy.Build]v1alpha1.BuildState{unknown: v1alpha1.BuildRetired},
				Upgrades: map[policy.Build]policy.Build{unknown: build2022},
			},
			want: []string{
				"no node has 10.0.14393: to suppose that it is upgraded changes nothing",
				"no policy lists 10.0.14393: to suppose a state of it changes nothing",
			},
		},
		"a build that the supposed policy does not list": {
			assume: policy.Assumption{
				Policy: compiled(t, &other), States: map[policy.Build]v1alpha1.BuildState{build2019: v1alpha1.BuildRetired},
			},
			want: []string{"no policy lists 10.0.17763: to suppose a state of it changes nothing"},
		},
	} {
		if diff := cmp.Diff(c.want, base.Moot(&c.assume)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", sentence, diff)
		}
	}
}

func TestWhatAnAssumptionDoesNotTouchIsShared(t *testing.T) {
	base := world{policies: []v1alpha1.WindowsBuildPolicy{buildPolicy(newestFirst)}, nodes: fleet()}.snapshot(t)
	assumed, err := base.Assume(&policy.Assumption{States: map[policy.Build]v1alpha1.BuildState{build2019: v1alpha1.BuildRetired}})
	if err != nil {
		t.Fatal(err)
	}
	if assumed.Fleet() != base.Fleet() {
		t.Error("the fleet was compiled again")
	}
	assumed, err = base.Assume(&policy.Assumption{RemovedNodes: []string{"a19"}})
	if err != nil {
		t.Fatal(err)
	}
	if assumed.Policies() != base.Policies() {
		t.Error("the policies were compiled again")
	}
}

func manyBuilds(n int) []v1alpha1.BuildRule {
	rules := make([]v1alpha1.BuildRule, n)
	for i := range rules {
		rules[i].Build = fmt.Sprintf("10.0.%d", 30000+i)
	}
	return rules
}

func compiled(t *testing.T, p *v1alpha1.WindowsBuildPolicy) *policy.Policy {
	t.Helper()
	c, err := policy.Compile(p)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// count is what a snapshot offers, to see whether it has changed.
func count(s *policy.Snapshot) string {
	fleet := s.Fleet()
	return fmt.Sprint(fleet.Count(build2019), fleet.Count(build2022), fleet.Count(build2025), s.Policies().All()[0].Builds)
}
