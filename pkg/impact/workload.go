package impact

import (
	"cmp"
	"slices"

	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// MaxSamples is how many of its pods a workload names.
const MaxSamples = 3

// Kinds of owners that are treated in a way of their own.
const (
	// KindPod is the kind of a pod that nothing owns. It is its own owner.
	KindPod = "Pod"
	// KindDaemonSet is the kind of owner whose pods are bound to their nodes.
	KindDaemonSet = "DaemonSet"
)

// Owner is the topmost controller of a pod: the Deployment rather than its ReplicaSet.
type Owner struct{ Kind, Name string }

// String is the owner as kubectl takes it, such as "Deployment/web".
func (o Owner) String() string { return o.Kind + "/" + o.Name }

// Workload is running pods that would be made again in the same way. It is immutable once made.
type Workload struct {
	Namespace string
	// NamespaceLabels are the labels of the namespace, by which policies select. Not to be changed.
	NamespaceLabels map[string]string
	Owner           Owner
	// Template is what the pods would be made from: of the controller's template or, where Bare, of one of the
	// pods, what placement depends on.
	Template *workload.Pod
	// Bare tells that Template is a pod with everything that it was given since it was made.
	Bare bool
	Pods
}

// Pods are running pods, counted.
type Pods struct {
	// Count is the number of pods.
	Count int
	// Nodes are the nodes that the pods are bound to, sorted by name.
	Nodes []NodePods
	// Samples are the first pods by name, at most [MaxSamples].
	Samples []string
}

// NodePods is how many pods are bound to a node.
type NodePods struct {
	Node string
	Pods int
}

// Add counts a pod.
func (p *Pods) Add(name, node string) {
	p.Count++
	p.addNode(NodePods{node, 1})
	p.addSample(name)
}

// merge counts the pods of another count.
func (p *Pods) merge(other *Pods) {
	p.Count += other.Count
	for _, n := range other.Nodes {
		p.addNode(n)
	}
	for _, name := range other.Samples {
		p.addSample(name)
	}
}

func (p *Pods) addNode(n NodePods) {
	at, found := slices.BinarySearchFunc(p.Nodes, n.Node, func(there NodePods, name string) int {
		return cmp.Compare(there.Node, name)
	})
	if found {
		p.Nodes[at].Pods += n.Pods
		return
	}
	p.Nodes = slices.Insert(p.Nodes, at, n)
}

// addSample keeps the names that come first, so that the same pods give the same samples in whatever order they come.
func (p *Pods) addSample(name string) {
	at, found := slices.BinarySearch(p.Samples, name)
	if found || at == MaxSamples {
		return
	}
	p.Samples = slices.Insert(p.Samples, at, name)
	p.Samples = p.Samples[:min(len(p.Samples), MaxSamples)]
}

// On is the number of the pods that are bound to nodes of a build.
func (p *Pods) On(build policy.Build, fleet *policy.Fleet) int {
	on := 0
	for _, n := range p.Nodes {
		if of, known := fleet.BuildOf(n.Node); known && of == build {
			on += n.Pods
		}
	}
	return on
}

// BuildPods is how many pods are bound to nodes of a build.
type BuildPods struct {
	Build policy.Build
	Pods  int
}

// Builds are the builds that the pods are on, oldest first. Pods on nodes that the fleet does not know are left out.
func (p *Pods) Builds(fleet *policy.Fleet) []BuildPods {
	var builds []BuildPods
	for _, n := range p.Nodes {
		build, known := fleet.BuildOf(n.Node)
		if !known || build.IsZero() {
			continue
		}
		at, found := slices.BinarySearchFunc(builds, build, func(there BuildPods, b policy.Build) int {
			return there.Build.Compare(b)
		})
		if !found {
			builds = slices.Insert(builds, at, BuildPods{Build: build})
		}
		builds[at].Pods += n.Pods
	}
	return builds
}

// compareWorkloads orders workloads by namespace and owner.
func compareWorkloads(a, b *Workload) int {
	return cmp.Or(
		cmp.Compare(a.Namespace, b.Namespace),
		cmp.Compare(a.Owner.Kind, b.Owner.Kind),
		cmp.Compare(a.Owner.Name, b.Owner.Name),
		slices.Compare(a.Samples, b.Samples),
	)
}
