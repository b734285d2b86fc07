package policy

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// identityCardinality is the number of distinct values from which on a label is taken to identify nodes
// rather than to class them, as kubernetes.io/hostname does.
const identityCardinality = 64

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
	osTaints     []corev1.Taint
	reservations []corev1.Taint
	total        int
	available    int
	classes      []*labelClass
}

// labelClass is nodes of one group with the same labels, those that identify nodes aside.
type labelClass struct {
	view      nodeView
	available int
	nodes     []*fleetNode
}

type fleetNode struct {
	*Node
	build     Build
	group     *taintGroup
	available bool
}

// CompileFleet compiles the Windows nodes among the given ones. The order of nodes does not matter. The
// nodes' maps and slices are kept and must not change afterwards.
func CompileFleet(nodes []Node) *Fleet {
	f := &Fleet{builds: map[Build]*buildNodes{}, byName: map[string]*fleetNode{}}
	sorted := windowsNodes(nodes)
	f.indexIdentities(sorted)
	groups := map[string]*taintGroup{}
	classes := map[string]*labelClass{}
	for _, node := range sorted {
		f.byName[node.Name] = node
		if !node.build.IsZero() {
			f.add(node, groups, classes)
		}
	}
	return f
}

func windowsNodes(nodes []Node) []*fleetNode {
	windows := make([]*fleetNode, 0, len(nodes))
	for i := range nodes {
		if node := &nodes[i]; node.Windows() {
			windows = append(windows, &fleetNode{Node: node, build: node.Build(), available: node.available()})
		}
	}
	slices.SortFunc(windows, func(a, b *fleetNode) int { return cmp.Compare(a.Name, b.Name) })
	return windows
}

func (f *Fleet) indexIdentities(nodes []*fleetNode) {
	values := map[string]map[string][]*fleetNode{}
	for _, node := range nodes {
		for key, value := range node.Labels {
			byValue := values[key]
			if byValue == nil {
				byValue = map[string][]*fleetNode{}
				values[key] = byValue
			}
			byValue[value] = append(byValue[value], node)
		}
	}
	maps.DeleteFunc(values, func(key string, byValue map[string][]*fleetNode) bool {
		return key == corev1.LabelWindowsBuild || key != corev1.LabelHostname && len(byValue) < identityCardinality
	})
	f.identities = values
	f.varying = make(map[string]struct{}, len(values))
	for key := range values {
		f.varying[key] = struct{}{}
	}
}

func (f *Fleet) add(node *fleetNode, groups map[string]*taintGroup, classes map[string]*labelClass) {
	build := f.builds[node.build]
	if build == nil {
		build = &buildNodes{revisions: map[uint32]struct{}{}, architectures: map[string]struct{}{}}
		f.builds[node.build] = build
	}
	build.revisions[node.revision()] = struct{}{}
	build.architectures[architectureOf(node.Node)] = struct{}{}

	osTaints, reservations := sortTaints(node.Taints)
	groupKey := node.build.String() + "\n" + taintsKey(osTaints) + "\n" + taintsKey(reservations)
	group := groups[groupKey]
	if group == nil {
		group = &taintGroup{osTaints: osTaints, reservations: reservations}
		groups[groupKey] = group
		build.groups = append(build.groups, group)
	}
	node.group = group

	classLabels, labelsKey := f.classLabels(node.Labels)
	classKey := groupKey + "\n" + labelsKey
	class := classes[classKey]
	if class == nil {
		class = &labelClass{view: nodeView{labels: classLabels, varying: f.varying, named: unknownName}}
		classes[classKey] = class
		group.classes = append(group.classes, class)
	}
	class.nodes = append(class.nodes, node)

	build.total++
	group.total++
	if node.available {
		build.available++
		group.available++
		class.available++
	}
}

func unknownName(string) ternary { return unknown }

func architectureOf(node *Node) string {
	if architecture := node.Labels[corev1.LabelArchStable]; architecture != "" {
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

func taintsKey(taints []corev1.Taint) string {
	var key strings.Builder
	for _, taint := range taints {
		key.WriteString(taint.Key + "=" + taint.Value + ":" + string(taint.Effect) + ",")
	}
	return key.String()
}

// classLabels returns the labels that class a node, and a key by which equal ones are equal.
func (f *Fleet) classLabels(labels map[string]string) (map[string]string, string) {
	kept := make(map[string]string, len(labels))
	for key, value := range labels {
		if _, identity := f.varying[key]; !identity {
			kept[key] = value
		}
	}
	var key strings.Builder
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		key.WriteString(name + "=" + kept[name] + ",")
	}
	return kept, key.String()
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
