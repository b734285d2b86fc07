package impact

import (
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

func TestWhatAnEvictionMeansForAWorkload(t *testing.T) {
	deny := func(spec *v1alpha1.WindowsBuildPolicySpec) { spec.Images.WhenUnresolved = v1alpha1.UnresolvedDeny }
	newest := func(spec *v1alpha1.WindowsBuildPolicySpec) {
		spec.Builds = append([]v1alpha1.BuildRule{{Build: ws2025}}, spec.Builds...)
	}
	web := deployment("web")
	for sentence, c := range map[string]struct {
		nodes    []policy.Node
		policy   func(*v1alpha1.WindowsBuildPolicySpec)
		removed  string
		workload *Workload
		want     Outcome
		// problem is a part of what is found.
		problem string
	}{
		"an image for both builds moves": {
			removed: "a19", workload: running(t, web, template([]string{"core:all"}), "a19"), want: Placed,
		},
		"an image of which nothing is known goes back to the build that the policy gave it": {
			removed: "a22", workload: running(t, web, template([]string{"down"}), "a22"), want: Untouched,
		},
		"but not if the policy refuses it now": {
			removed: "a22", policy: deny, workload: running(t, web, template([]string{"down"}), "a22"), want: Unknown, problem: "could not be inspected",
		},
		"nor if the policy would give it another build, where it may not run": {
			removed: "a19", workload: running(t, web, template([]string{"down"}), "a19"), want: Unknown, problem: "could not be inspected",
		},
		"nor if it is on several builds, of which only one is the policy's choice": {
			removed: "a19", workload: running(t, web, template([]string{"down"}), "a19", "a22"), want: Unknown, problem: "could not be inspected",
		},
		"nor if the build has no other node": {
			nodes:   []policy.Node{node("a19", ws2019), node("a22", ws2022)},
			removed: "a22", workload: running(t, web, template([]string{"down"}), "a22"), want: Unknown, problem: "could not be inspected",
		},
		"a node that is not Ready is somewhere to go": {
			nodes:   []policy.Node{node("a19", ws2019), node("b19", ws2019, away), node("a22", ws2022)},
			removed: "a19", workload: running(t, web, template([]string{"core:2019"}), "a19"), want: Placed,
		},
		"also where the policy prefers a build that has no node": {
			nodes:   []policy.Node{node("a22", ws2022), node("b22", ws2022, away)},
			policy:  newest,
			removed: "a22", workload: running(t, web, template([]string{"core:2022"}), "a22"), want: Placed,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			nodes, change := c.nodes, c.policy
			if nodes == nil {
				nodes = fleet()
			}
			if change == nil {
				change = func(*v1alpha1.WindowsBuildPolicySpec) {}
			}
			now := snapshot(t, nodes, change)
			comparison := &Comparison{Now: now, Then: assume(t, now, policy.Assumption{RemovedNodes: []string{c.removed}}), Images: registry()}
			result, err := comparison.JudgeEvicted(c.workload)
			if err != nil {
				t.Fatal(err)
			}
			if result.Then.Outcome != c.want {
				t.Fatalf("got %s: %+v", result.Then.Outcome, result.Then.Finding)
			}
			if found := result.Then.Finding; (found == nil) != (c.problem == "") || found != nil && !strings.Contains(found.Problem, c.problem) {
				t.Errorf("found %v", found)
			}
		})
	}
}
