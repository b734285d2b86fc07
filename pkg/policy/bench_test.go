package policy_test

import (
	"fmt"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// largeFleet is nodes of three builds in ten pools and three zones, each with a hostname of its own.
func largeFleet(n int) []policy.Node {
	builds := []string{ws2019, ws2022, ws2025}
	nodes := make([]policy.Node, n)
	for i := range nodes {
		nodes[i] = node(fmt.Sprintf("node-%05d", i), builds[i%len(builds)], tainted(osTaint),
			labelled("pool", fmt.Sprintf("pool-%d", i%10)), labelled("topology.kubernetes.io/zone", fmt.Sprintf("zone-%d", i%3)))
	}
	return nodes
}

// manyPolicies is one policy for every pod and n-1 for namespaces of teams.
func manyPolicies(n int) []v1alpha1.WindowsBuildPolicy {
	policies := make([]v1alpha1.WindowsBuildPolicy, n)
	for i := range policies {
		policies[i] = named(fmt.Sprintf("team-%d", i), forNamespaces("team", metav1.LabelSelectorOpIn, fmt.Sprintf("team-%d", i)))
	}
	policies[n-1] = buildPolicy(newestFirst)
	return policies
}

// BenchmarkEvaluate is the decision itself: its time must not depend on the number of nodes or policies.
func BenchmarkEvaluate(b *testing.B) {
	for _, size := range []struct{ nodes, policies int }{{10, 1}, {10_000, 1}, {10, 100}, {10_000, 100}} {
		facts := world{policies: manyPolicies(size.policies), nodes: largeFleet(size.nodes)}.facts(b)
		for name, req := range map[string]*policy.Request{
			"placed":   {Pod: windowsPod([]string{"multi:all", "core:2022"})},
			"selected": {Pod: windowsPod([]string{"multi:all"}, selecting("pool", "pool-3"))},
			"refused":  {Pod: windowsPod([]string{"linux:1"})},
			"hostname": {Pod: windowsPod([]string{"multi:all"}, selecting("kubernetes.io/hostname", "node-00007"))},
		} {
			req.NamespaceLabels = map[string]string{"kubernetes.io/metadata.name": "shop", "team": "none"}
			b.Run(fmt.Sprintf("%s/nodes=%d/policies=%d", name, size.nodes, size.policies), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := policy.Evaluate(req, facts); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkCompileFleet(b *testing.B) {
	nodes := largeFleet(10_000)
	b.ReportAllocs()
	for b.Loop() {
		policy.CompileFleet(nodes)
	}
}
