package demo

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/test/localcluster/hollow"
)

// fleet is the nodes of the cluster: three Windows releases, kept for Windows pods by the taints that different
// installers use, or by none.
func fleet() []hollow.NodeSpec {
	documented := []corev1.Taint{{Key: "os", Value: "windows", Effect: corev1.TaintEffectNoSchedule}}
	anthos := []corev1.Taint{{Key: "node.kubernetes.io/os", Value: "windows", Effect: corev1.TaintEffectNoSchedule}}
	return []hollow.NodeSpec{
		{Name: "ws2019-1", Build: "10.0.17763", Taints: documented},
		{Name: "ws2019-2", Build: "10.0.17763", Taints: documented},
		{Name: "ws2022-1", Build: "10.0.20348", Taints: anthos},
		{Name: "ws2022-2", Build: "10.0.20348", Taints: anthos},
		{Name: "ws2025-1", Build: "10.0.26100"},
		{Name: "linux-1"},
	}
}

// windowsNodes is how many of the fleet run Windows.
func windowsNodes() int {
	count := 0
	for _, node := range fleet() {
		if node.Build != "" {
			count++
		}
	}
	return count
}

// describeFleet is the fleet in a few words.
func describeFleet() string {
	builds := map[string]bool{}
	windows, linux := 0, 0
	for _, node := range fleet() {
		if node.Build == "" {
			linux++
			continue
		}
		windows++
		builds[node.Build] = true
	}
	return fmt.Sprintf("%d Windows nodes of %d releases and %d Linux node", windows, len(builds), linux)
}

// join adds the fleet to the cluster and waits until pods may be bound to it.
func (s *stage) join(ctx context.Context) error {
	nodes, err := s.cluster.Nodes.Add(ctx, fleet()...)
	if err != nil {
		return fmt.Errorf("adding nodes: %w", err)
	}
	for _, node := range nodes {
		if err := s.cluster.Nodes.WaitSchedulable(ctx, node.Name()); err != nil {
			return err
		}
	}
	return nil
}
