package policy

import (
	"cmp"
	"slices"
	"unique"

	corev1 "k8s.io/api/core/v1"
)

// CompactNode is a [Node] at rest: what decisions depend on, in a fraction of the memory, because labels and taints
// that nodes have in common are held once for all of them. It is immutable and may be shared.
type CompactNode struct {
	name string
	// hostname is the label of that name. Every node has its own, so that it is kept apart from the others.
	hostname string
	labels   compactLabels
	// taints are those that keep pods away whatever the state of the node, sorted.
	taints    []unique.Handle[corev1.Taint]
	build     Build
	revision  uint32
	available bool
}

// Compact puts a node to rest. The result shares nothing with the node but its name.
func (n *Node) Compact() *CompactNode {
	c := &CompactNode{name: n.Name, build: n.Build(), revision: n.revision(), available: n.available()}
	c.labels = make(compactLabels, 0, len(n.Labels))
	for key, value := range n.Labels {
		switch {
		case key != corev1.LabelHostname || value == "":
			c.labels = append(c.labels, unique.Make(Label{key, value}))
		case value == n.Name:
			c.hostname = n.Name // Mostly. The bytes are there already.
		default:
			c.hostname = value
		}
	}
	slices.SortFunc(c.labels, compareKeys)
	osTaints, reservations := sortTaints(n.Taints)
	for _, taint := range slices.Concat(osTaints, reservations) {
		c.taints = append(c.taints, unique.Make(corev1.Taint{Key: taint.Key, Value: taint.Value, Effect: taint.Effect}))
	}
	return c
}

// Name is the node's name.
func (n *CompactNode) Name() string { return n.name }

// Equal tells whether two states of a node lead to the same decisions.
func (n *CompactNode) Equal(other *CompactNode) bool {
	return n.name == other.name &&
		n.hostname == other.hostname &&
		n.build == other.build &&
		n.revision == other.revision &&
		n.available == other.available &&
		slices.Equal(n.taints, other.taints) &&
		slices.Equal(n.labels, other.labels)
}

// windows tells whether the node is a Windows node.
func (n *CompactNode) windows() bool {
	os, _ := n.labels.get(corev1.LabelOSStable)
	return os == "windows"
}

// label returns a label's value and whether the node has the label at all.
func (n *CompactNode) label(key string) (string, bool) {
	if key == corev1.LabelHostname && n.hostname != "" {
		return n.hostname, true
	}
	return n.labels.get(key)
}

// upgraded is the node with another build, whose revision is not known.
func (n *CompactNode) upgraded(to Build) *CompactNode {
	node := *n
	node.build, node.revision = to, 0
	node.labels = n.labels.with(Label{corev1.LabelWindowsBuild, to.String()})
	return &node
}

// compactLabels are labels sorted by key, each of which is held in memory once. Equal labels have equal handles.
type compactLabels []unique.Handle[Label]

func (l compactLabels) get(key string) (string, bool) {
	at, found := l.find(key)
	if !found {
		return "", false
	}
	return l[at].Value().Value, true
}

// expand lists the labels by key.
func (l compactLabels) expand() map[string]string {
	expanded := make(map[string]string, len(l))
	for _, label := range l {
		expanded[label.Value().Key] = label.Value().Value
	}
	return expanded
}

// with returns the labels with one added, or another value of it.
func (l compactLabels) with(label Label) compactLabels {
	at, found := l.find(label.Key)
	if found {
		l = slices.Clone(l)
		l[at] = unique.Make(label)
		return l
	}
	return slices.Insert(slices.Clip(l), at, unique.Make(label))
}

func (l compactLabels) find(key string) (at int, found bool) {
	return slices.BinarySearchFunc(l, key, func(label unique.Handle[Label], key string) int {
		return cmp.Compare(label.Value().Key, key)
	})
}

func compareKeys(a, b unique.Handle[Label]) int { return cmp.Compare(a.Value().Key, b.Value().Key) }
