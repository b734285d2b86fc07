package fleet

import (
	"fmt"
	"testing"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
)

// BenchmarkRetireAmongTenThousandPods runs the whole subcommand, with 10,000 pods of 500 Deployments with 200 images
// on 300 nodes, against an API server of the same process, whose work is therefore in the figure.
func BenchmarkRetireAmongTenThousandPods(b *testing.B) {
	const deployments, podsOfEach, images, nodes = 500, 20, 200, 300
	s := &scene{namespaces: []string{"shop"}}
	s.addPolicy("windows", ws2022, ws2019)
	for i := range nodes {
		s.addNode(fmt.Sprintf("node-%d", i), []string{ws2019, ws2022}[i%2], true)
	}
	for i := range deployments {
		tag := []string{"any", "ltsc2022", "any", "ltsc2019"}[i%4]
		s.addWorkload("shop", fmt.Sprintf("app-%d", i), fmt.Sprintf("registry.example.com/app-%d:%s", i%images, tag), fmt.Sprintf("node-%d", i%nodes), podsOfEach)
	}
	server := s.serve(b)
	b.ReportAllocs()
	for b.Loop() {
		if got := run(b.Context(), "--retire", ws2019); got.code != exit.Findings {
			b.Fatalf("exit code %d: %v", got.code, got.err)
		}
	}
	b.ReportMetric(float64(len(server.Reviews()))/float64(b.N), "reviews/op")
}
