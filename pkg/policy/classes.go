package policy

import (
	"hash/maphash"
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
	key := classKey{node.group, x.hash(node.Labels)}
	for _, class := range x.classes[key] {
		if x.same(class.view.labels, node.Labels) {
			return class
		}
	}
	class := &labelClass{view: nodeView{labels: x.project(node.Labels), varying: x.varying, named: unknownName}}
	x.classes[key] = append(x.classes[key], class)
	node.group.classes = append(node.group.classes, class)
	return class
}

// hash is the same for equal labels in any order: a sum of the labels' own hashes.
func (x *classIndex) hash(labels map[string]string) uint64 {
	var sum uint64
	for key, value := range labels {
		if _, varies := x.varying[key]; !varies {
			sum += maphash.String(x.seed, key) ^ 3*maphash.String(x.seed, value)
		}
	}
	return sum
}

// same tells whether labels are those of a class, those that identify nodes aside.
func (x *classIndex) same(class, labels map[string]string) bool {
	matched := 0
	for key, value := range labels {
		if _, varies := x.varying[key]; varies {
			continue
		}
		if have, ok := class[key]; !ok || have != value {
			return false
		}
		matched++
	}
	return matched == len(class)
}

func (x *classIndex) project(labels map[string]string) map[string]string {
	kept := make(map[string]string, len(labels))
	for key, value := range labels {
		if _, varies := x.varying[key]; !varies {
			kept[key] = value
		}
	}
	return kept
}
