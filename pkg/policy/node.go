package policy

import (
	corev1 "k8s.io/api/core/v1"
)

// Node is the part of a Windows node that placement depends on.
type Node struct {
	Name   string
	Labels map[string]string
	Taints []corev1.Taint
	// Ready tells that the node's Ready condition is true.
	Ready bool
	// Unschedulable tells that the node is cordoned.
	Unschedulable bool
	// KernelVersion is the full Windows version that the node reports, such as "10.0.20348.2700".
	KernelVersion string
}

// FromNode takes the part of a node that placement depends on. The result shares the node's maps and slices.
func FromNode(node *corev1.Node) Node {
	return Node{
		Name:          node.Name,
		Labels:        node.Labels,
		Taints:        node.Spec.Taints,
		Ready:         isReady(node),
		Unschedulable: node.Spec.Unschedulable,
		KernelVersion: node.Status.NodeInfo.KernelVersion,
	}
}

func isReady(node *corev1.Node) bool {
	for i := range node.Status.Conditions {
		if condition := &node.Status.Conditions[i]; condition.Type == corev1.NodeReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

// Windows tells whether the node is a Windows node.
func (n *Node) Windows() bool { return n.Labels[corev1.LabelOSStable] == "windows" }

// Build is the build that the node is labelled with, because the label is what a pod's node selector finds.
// It is zero for a node without the label, or with one that is no build: no pod can be placed there.
func (n *Node) Build() Build {
	build, err := ParseBuild(n.Labels[corev1.LabelWindowsBuild])
	if err != nil {
		return Build{}
	}
	return build
}

// revision is the revision of the node's Windows, and zero where it does not say.
func (n *Node) revision() uint32 {
	version, err := ParseVersion(n.KernelVersion)
	if err != nil {
		return 0
	}
	return version.Revision
}

// available tells whether the scheduler may bind a pod to the node just now, taints that keep the node for
// some pods aside.
func (n *Node) available() bool {
	if !n.Ready || n.Unschedulable {
		return false
	}
	for _, taint := range n.Taints {
		if repels(taint) && kindOf(taint) == taintLifecycle {
			return false
		}
	}
	return true
}
