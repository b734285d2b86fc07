package framework

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/test/localcluster/hollow"
)

// Builds of the fleet, as nodes are labelled.
const (
	Build2019 = "10.0.17763"
	Build2022 = "10.0.20348"
	Build2025 = "10.0.26100"
)

// Names of the fleet's nodes.
const (
	NodeLinux = "linux"
	Node2019  = "windows-2019"
	Node2022  = "windows-2022"
	Node2025  = "windows-2025"
)

// Fleet is the nodes that every suite has: a Linux node, and one of each Windows build, which are kept for
// Windows pods by the taints of three different distributions.
func Fleet() []hollow.NodeSpec {
	taint := func(key, value string) []corev1.Taint {
		return []corev1.Taint{{Key: key, Value: value, Effect: corev1.TaintEffectNoSchedule}}
	}
	return []hollow.NodeSpec{
		{Name: NodeLinux},
		{Name: Node2019, Build: Build2019, Taints: taint("os", "Windows")},
		{Name: Node2022, Build: Build2022, Taints: taint("os", "windows")},
		{Name: Node2025, Build: Build2025, Taints: taint("node.kubernetes.io/os", "windows")},
	}
}
