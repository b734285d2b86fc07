package gate

import (
	"fmt"
	"testing"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// BenchmarkAsk asks about a node with 100 pods in a cluster of 10,000, on 100 nodes: of 20 workloads, and of 100. The
// API server is one in memory, which goes through all pods to find those of a node; a real one has an index.
func BenchmarkAsk(b *testing.B) {
	const nodes, podsOfANode = 100, 100
	for _, workloads := range []int{20, 100} {
		b.Run(fmt.Sprintf("pods=%d/workloads=%d", nodes*podsOfANode, workloads), func(b *testing.B) {
			var fleet []policy.Node
			for i := range nodes {
				fleet = append(fleet, node(fmt.Sprintf("node-%03d", i), []string{ws2019, ws2022}[i%2]))
			}
			api, known := &server{}, images()
			for i := range workloads {
				var on []string
				for _, n := range fleet {
					for range podsOfANode / workloads {
						on = append(on, n.Name)
					}
				}
				image := fmt.Sprintf("core:%d", i)
				known[image] = known["core:all"]
				api.run("shop", fmt.Sprintf("web-%03d", i), windows(image, "core:all"), on...)
			}
			snapshot := snapshotOf(b, fleet, v1alpha1.BuildRule{Build: ws2022}, v1alpha1.BuildRule{Build: ws2019})
			g := newGate(b, Options{Reader: api, Images: known, Snapshot: func() *policy.Snapshot { return snapshot }})
			b.ReportAllocs()
			for b.Loop() {
				if verdict := ask(b, g, "node-000"); !verdict.Open || verdict.Message != "100 pods have somewhere to go" {
					b.Fatal(verdict.Message)
				}
			}
		})
	}
}
