package policy

import (
	corev1 "k8s.io/api/core/v1"
)

// offer is what the live nodes of one build offer to one pod.
type offer struct {
	BuildCount
	// selected tells whether a node satisfies the pod's selectors, and ready whether an available one
	// does that the pod, once placed, also tolerates.
	selected, ready bool
	// takes is ready whether or not the node is available just now.
	takes bool
	// reservation is a taint that keeps every node of the build that the pod selects from taking it, where
	// that is the reason for ready to be false.
	reservation *corev1.Taint
	// osTaints are the taints of the selected nodes by which they are kept for Windows pods.
	osTaints []corev1.Taint
}

// offerOf asks the nodes of a build what they offer to a pod. granted are the tolerations that placing the
// pod adds whatever its nodes; derive tells whether those for the nodes' own taints are added too.
func (f *Fleet) offerOf(build Build, q *nodeQuery, tolerations, granted []corev1.Toleration, derive bool) offer {
	nodes := f.builds[build]
	if nodes == nil {
		return offer{}
	}
	o := offer{BuildCount: BuildCount{Nodes: nodes.total, Available: nodes.available}}
	named, narrow := f.namedNodes(q)
	var blocked *corev1.Taint
	for _, group := range nodes.groups {
		var selected, available bool
		if narrow {
			selected, available = selectAmong(named, group, q)
		} else {
			selected, available = group.selects(q)
		}
		if !selected {
			continue
		}
		o.selected = true
		o.osTaints = mergeTaints(o.osTaints, group.osTaints)
		if taint := group.repelled(tolerations, granted, derive); taint != nil {
			blocked = taint
			continue
		}
		o.takes = true
		o.ready = o.ready || available
	}
	if !o.ready {
		o.reservation = blocked
	}
	return o
}

// repelled returns a taint of the group that keeps the pod away even once placed, or nil.
func (g *taintGroup) repelled(tolerations, granted []corev1.Toleration, derive bool) *corev1.Taint {
	if !derive {
		if taint := untolerated(g.osTaints, tolerations, granted); taint != nil {
			return taint
		}
	}
	return untolerated(g.reservations, tolerations, granted)
}

// untolerated is the first taint that neither list tolerates, or nil.
func untolerated(taints []corev1.Taint, tolerations, granted []corev1.Toleration) *corev1.Taint {
	for i := range taints {
		if !tolerates(tolerations, taints[i]) && !tolerates(granted, taints[i]) {
			return &taints[i]
		}
	}
	return nil
}

// selects tells whether the pod selects a node of the group, and an available one.
func (g *taintGroup) selects(q *nodeQuery) (selected, available bool) {
	for _, class := range g.classes {
		switch q.matches(&class.view) {
		case yes:
			selected = true
			available = available || class.available > 0
		case unknown:
			classSelected, classAvailable := selectAmong(class.nodes, g, q)
			selected = selected || classSelected
			available = available || classAvailable
		}
		if available {
			break
		}
	}
	return selected, available
}

// selectAmong asks node by node, where the pod selects by what differs within a class.
func selectAmong(nodes []*fleetNode, group *taintGroup, q *nodeQuery) (selected, available bool) {
	for _, node := range nodes {
		if node.group != group || q.matches(node.view()) != yes {
			continue
		}
		selected = true
		if available = node.available; available {
			break
		}
	}
	return selected, available
}

func (n *fleetNode) view() *nodeView {
	return &nodeView{node: n.CompactNode, named: func(name string) ternary { return answer(n.name == name) }}
}

// namedNodes returns the only nodes that the pod can be bound to where it selects them by name, or by a
// label that identifies nodes, so that the rest of the fleet need not be asked.
func (f *Fleet) namedNodes(q *nodeQuery) (nodes []*fleetNode, narrow bool) {
	if q.nodeName != "" {
		return f.nodesNamed(q.nodeName), true
	}
	for _, want := range q.nodeSelector {
		if byValue, ok := f.identities[want.Key]; ok {
			return byValue[want.Value], true
		}
	}
	if q.required == nil {
		return nil, false
	}
	for i := range q.required.NodeSelectorTerms {
		of, narrow := f.namedByTerm(&q.required.NodeSelectorTerms[i])
		if !narrow {
			return nil, false
		}
		nodes = append(nodes, of...)
	}
	return nodes, true
}

func (f *Fleet) namedByTerm(term *corev1.NodeSelectorTerm) (nodes []*fleetNode, narrow bool) {
	for i := range term.MatchFields {
		if field := &term.MatchFields[i]; field.Operator == corev1.NodeSelectorOpIn {
			return f.nodesNamed(field.Values...), true
		}
	}
	for i := range term.MatchExpressions {
		expression := &term.MatchExpressions[i]
		byValue, identity := f.identities[expression.Key]
		if !identity || expression.Operator != corev1.NodeSelectorOpIn {
			continue
		}
		for _, value := range expression.Values {
			nodes = append(nodes, byValue[value]...)
		}
		return nodes, true
	}
	return nil, false
}

func (f *Fleet) nodesNamed(names ...string) []*fleetNode {
	nodes := make([]*fleetNode, 0, len(names))
	for _, name := range names {
		if node, ok := f.byName[name]; ok {
			nodes = append(nodes, node)
		}
	}
	return nodes
}

// admits tells whether a node of the build, there already or yet to come, can satisfy the pod's selectors.
func (f *Fleet) admits(build Build, q *nodeQuery) ternary {
	return q.matches(&nodeView{
		labels: map[string]string{
			corev1.LabelOSStable:     "windows",
			"beta.kubernetes.io/os":  "windows",
			corev1.LabelWindowsBuild: build.String(),
		},
		open: true,
		named: func(name string) ternary {
			// A node that is named is a node that exists, and has the build that it has.
			node, exists := f.byName[name]
			return and(unknown, answer(exists && node.build == build))
		},
	})
}

// suits tells whether an image for one of the architectures suits the nodes of the build. A build without
// nodes is taken to be amd64, the only architecture that Windows nodes are released for.
func (f *Fleet) suits(build Build, architecture string) bool {
	if architecture == "" {
		return true
	}
	nodes := f.builds[build]
	if nodes == nil {
		return architecture == "amd64"
	}
	_, ok := nodes.architectures[architecture]
	return ok
}

// hasRevision tells whether a node of the build has the revision.
func (f *Fleet) hasRevision(build Build, revision uint32) bool {
	nodes := f.builds[build]
	if nodes == nil {
		return true
	}
	_, ok := nodes.revisions[revision]
	return ok
}

// nodeBuild is the build of a node, and whether it is a Windows node at all.
func (f *Fleet) nodeBuild(name string) (Build, bool) {
	node, ok := f.byName[name]
	if !ok {
		return Build{}, false
	}
	return node.build, true
}
