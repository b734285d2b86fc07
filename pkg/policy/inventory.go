package policy

import (
	"maps"
	"slices"

	"github.com/mullion-dev/mullion/pkg/workload"
)

// Builds are the builds of the fleet's nodes, oldest first.
func (f *Fleet) Builds() []Build {
	return slices.SortedFunc(maps.Keys(f.builds), Build.Compare)
}

// BuildOf is the build of a node, and whether the node is a Windows node at all. The build is zero where the node
// does not say it.
func (f *Fleet) BuildOf(node string) (Build, bool) { return f.nodeBuild(node) }

// NodesOf are the names of the nodes of a build, sorted.
func (f *Fleet) NodesOf(build Build) []string {
	nodes := f.builds[build]
	if nodes == nil {
		return nil
	}
	names := make([]string, 0, nodes.total)
	for _, group := range nodes.groups {
		for _, class := range group.classes {
			for _, node := range class.nodes {
				names = append(names, node.name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// Selects tells whether the pod's selectors, those of its RuntimeClass included, leave a Windows node of the cluster,
// whether or not that is available. Taints do not count.
func (s *Snapshot) Selects(pod *workload.Pod) bool {
	q := s.classQuery(pod)
	named, narrow := s.fleet.namedNodes(&q)
	for _, build := range s.fleet.builds {
		for _, group := range build.groups {
			selects := group.selects
			if narrow {
				selects = func(q *nodeQuery) (bool, bool) { return selectAmong(named, group, q) }
			}
			if selected, _ := selects(&q); selected {
				return true
			}
		}
	}
	return false
}
