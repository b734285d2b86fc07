package demo

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/test/localcluster/hollow"
)

// member is a Windows machine of the fleet.
type member struct {
	name, build string
	// taints keep its node for Windows pods, as different installers do.
	taints []corev1.Taint
}

// fleet is the Windows machines: one of each release.
func fleet() []member {
	documented := []corev1.Taint{{Key: "os", Value: "windows", Effect: corev1.TaintEffectNoSchedule}}
	anthos := []corev1.Taint{{Key: "node.kubernetes.io/os", Value: "windows", Effect: corev1.TaintEffectNoSchedule}}
	return []member{
		{name: "ws2019", build: build2019, taints: documented},
		{name: "ws2022", build: build2022, taints: anthos},
		{name: "ws2025", build: build2025},
	}
}

// The builds of the story.
const (
	build2019 = "10.0.17763"
	build2022 = "10.0.20348"
	build2025 = "10.0.26100"
)

// linux is the node of pods that are not for Windows.
const linux = "linux-1"

// join makes the fleet nodes of the cluster, and waits until pods may be bound to them. Detail is told how far it is.
func (s *stage) join(ctx context.Context, detail progress) (string, error) {
	nodes := []hollow.NodeSpec{{Name: linux}}
	if !s.hasHosts() {
		for _, m := range fleet() {
			nodes = append(nodes, hollow.NodeSpec{Name: m.name, Build: m.build, Taints: m.taints})
		}
	}
	added, err := s.cluster.Nodes.Add(ctx, nodes...)
	if err != nil {
		return "", fmt.Errorf("adding nodes: %w", err)
	}
	for _, node := range added {
		if err := s.cluster.Nodes.WaitSchedulable(ctx, node.Name()); err != nil {
			return "", err
		}
	}
	said := fmt.Sprintf("%d Windows nodes, which are only objects, and one for Linux have joined", len(fleet()))
	if s.hasHosts() {
		if said, err = s.joinHosts(ctx, detail); err != nil {
			return "", err
		}
	}
	return said, s.untilWebhooksKnow(ctx)
}

// names are those of the fleet's machines, for a sentence.
func names() string {
	var all []string
	for _, m := range fleet() {
		all = append(all, m.name)
	}
	return strings.Join(all, ", ")
}
