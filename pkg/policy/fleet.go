package policy

import (
	"cmp"
	"slices"
	"unique"

	corev1 "k8s.io/api/core/v1"
)

// Fleet is the Windows nodes of a cluster, compiled so that asking what they offer to a pod costs the same
// for ten nodes as for ten thousand: nodes that no pod can tell apart are kept as one class. It is immutable
// and safe for concurrent use.
type Fleet struct {
	builds map[Build]*buildNodes
	// byName holds every Windows node.
	byName map[string]*fleetNode
	// identities finds nodes by the labels that identify them: label, value, nodes.
	identities map[string]map[string][]*fleetNode
	// varying is the set of the labels in identities.
	varying map[string]struct{}
}

// buildNodes is the nodes of one build.
type buildNodes struct {
	total, available int
	groups           []*taintGroup
	// revisions are the nodes' Windows revisions.
	revisions map[uint32]struct{}
	// architectures are the nodes' processor architectures.
	architectures map[string]struct{}
}

// taintGroup is nodes of one build with the same repelling taints.
type taintGroup struct {
	taints []unique.Handle[corev1.Taint]
	// osTaints and reservations are the same taints, told apart.
	osTaints     []corev1.Taint
	reservations []corev1.Taint
	classes      []*labelClass
}

// labelClass is nodes of one group with the same labels, those that identify nodes aside.
type labelClass struct {
	labels    compactLabels
	view      nodeView
	available int
	nodes     []*fleetNode
}

type fleetNode struct {
	*CompactNode
	group *taintGroup
}

// CompileFleet compiles the Windows nodes among the given ones. The order of nodes does not matter.
func CompileFleet(nodes []Node) *Fleet {
	compact := make([]*CompactNode, len(nodes))
	for i := range nodes {
		compact[i] = nodes[i].Compact()
	}
	return CompileCompact(compact)
}

// CompileCompact does as [CompileFleet] and keeps the nodes as they are.
func CompileCompact(nodes []*CompactNode) *Fleet {
	sorted := windowsNodes(nodes)
	f := &Fleet{builds: map[Build]*buildNodes{}, byName: make(map[string]*fleetNode, len(sorted))}
	f.indexIdentities(sorted)
	classes := newClassIndex(f.varying)
	for _, node := range sorted {
		f.byName[node.name] = node
		if !node.build.IsZero() {
			f.add(node, classes)
		}
	}
	return f
}

func windowsNodes(nodes []*CompactNode) []*fleetNode {
	windows := make([]*fleetNode, 0, len(nodes))
	for _, node := range nodes {
		if node.windows() {
			windows = append(windows, &fleetNode{CompactNode: node})
		}
	}
	slices.SortFunc(windows, func(a, b *fleetNode) int { return cmp.Compare(a.name, b.name) })
	return windows
}

func (f *Fleet) add(node *fleetNode, classes *classIndex) {
	build := f.builds[node.build]
	if build == nil {
		build = &buildNodes{revisions: map[uint32]struct{}{}, architectures: map[string]struct{}{}}
		f.builds[node.build] = build
	}
	build.revisions[node.revision] = struct{}{}
	build.architectures[architectureOf(node.CompactNode)] = struct{}{}
	node.group = build.groupOf(node.taints)
	class := classes.of(node)

	class.nodes = append(class.nodes, node)
	build.total++
	if node.available {
		build.available++
		class.available++
	}
}

// groupOf finds the group of a node with the taints, or makes it. There are few groups, and a node is added once.
func (b *buildNodes) groupOf(taints []unique.Handle[corev1.Taint]) *taintGroup {
	for _, group := range b.groups {
		if slices.Equal(group.taints, taints) {
			return group
		}
	}
	group := &taintGroup{taints: taints}
	expanded := make([]corev1.Taint, len(taints))
	for i, taint := range taints {
		expanded[i] = taint.Value()
	}
	group.osTaints, group.reservations = sortTaints(expanded)
	b.groups = append(b.groups, group)
	return group
}

func unknownName(string) ternary { return unknown }

func architectureOf(node *CompactNode) string {
	if architecture, _ := node.labels.get(corev1.LabelArchStable); architecture != "" {
		return architecture
	}
	return "amd64"
}

// sortTaints returns the taints that keep a node for Windows pods and those that reserve it, each sorted.
func sortTaints(taints []corev1.Taint) (osTaints, reservations []corev1.Taint) {
	for _, taint := range taints {
		if !repels(taint) {
			continue
		}
		switch kindOf(taint) {
		case taintOS:
			osTaints = append(osTaints, taint)
		case taintReservation:
			reservations = append(reservations, taint)
		}
	}
	slices.SortFunc(osTaints, compareTaints)
	slices.SortFunc(reservations, compareTaints)
	return osTaints, reservations
}

func compareTaints(a, b corev1.Taint) int {
	return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Value, b.Value), cmp.Compare(a.Effect, b.Effect))
}

// BuildCount is how many nodes of a build a cluster has.
type BuildCount struct {
	// Nodes is the number of nodes.
	Nodes int
	// Available is the number of those that are Ready and schedulable.
	Available int
}

// Count returns how many nodes of a build there are.
func (f *Fleet) Count(build Build) BuildCount {
	nodes := f.builds[build]
	if nodes == nil {
		return BuildCount{}
	}
	return BuildCount{Nodes: nodes.total, Available: nodes.available}
}

// OSTolerations are the tolerations for every taint by which nodes of the build are kept for Windows pods.
func (f *Fleet) OSTolerations(build Build) []corev1.Toleration {
	nodes := f.builds[build]
	if nodes == nil {
		return nil
	}
	var taints []corev1.Taint
	for _, group := range nodes.groups {
		taints = mergeTaints(taints, group.osTaints)
	}
	return tolerationsFor(taints)
}

// mergeTaints adds the taints that are not there yet, keeping the order. It may return either of its
// arguments, and changes neither.
func mergeTaints(taints, more []corev1.Taint) []corev1.Taint {
	if len(taints) == 0 {
		return more
	}
	for _, taint := range more {
		at, found := slices.BinarySearchFunc(taints, taint, compareTaints)
		if !found {
			taints = slices.Insert(slices.Clip(taints), at, taint)
		}
	}
	return taints
}

func tolerationsFor(taints []corev1.Taint) []corev1.Toleration {
	if len(taints) == 0 {
		return nil
	}
	tolerations := make([]corev1.Toleration, len(taints))
	for i, taint := range taints {
		tolerations[i] = tolerationFor(taint)
	}
	return tolerations
}
