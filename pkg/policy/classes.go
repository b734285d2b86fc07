package policy

import (
	"hash/maphash"
	"slices"
	"unique"
)

// classIndex finds the class of a node while a fleet is compiled. It compares labels where their hashes agree, so
// that only the first node of each class costs memory.
type classIndex struct {
	seed maphash.Seed
	// varying is the set of labels that identify nodes, which do not class them.
	varying map[string]struct{}
	classes map[classKey][]*labelClass
}

type classKey struct {
	group *taintGroup
	hash  uint64
}

func newClassIndex(varying map[string]struct{}) *classIndex {
	return &classIndex{seed: maphash.MakeSeed(), varying: varying, classes: map[classKey][]*labelClass{}}
}

// of finds the class of a node within its group, or makes it.
func (x *classIndex) of(node *fleetNode) *labelClass {
	shared := x.shared(node.labels)
	key := classKey{node.group, x.hash(shared)}
	for _, class := range x.classes[key] {
		if slices.Equal(class.labels, shared) {
			return class
		}
	}
	class := &labelClass{labels: shared, view: nodeView{labels: shared.expand(), varying: x.varying, named: unknownName}}
	x.classes[key] = append(x.classes[key], class)
	node.group.classes = append(node.group.classes, class)
	return class
}

// shared is the labels that class a node. Mostly that is all that are compact.
func (x *classIndex) shared(labels compactLabels) compactLabels {
	if !slices.ContainsFunc(labels, x.varies) {
		return labels
	}
	return slices.DeleteFunc(slices.Clone(labels), x.varies)
}

func (x *classIndex) varies(label unique.Handle[Label]) bool {
	_, varies := x.varying[label.Value().Key]
	return varies
}

func (x *classIndex) hash(labels compactLabels) uint64 {
	var hash maphash.Hash
	hash.SetSeed(x.seed)
	for _, label := range labels {
		maphash.WriteComparable(&hash, label)
	}
	return hash.Sum64()
}
