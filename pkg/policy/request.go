package policy

import (
	"slices"

	"github.com/mullion-dev/mullion/pkg/workload"
)

// Request asks where a pod may run.
type Request struct {
	// Pod is the pod, or the template that pods are made from.
	Pod *workload.Pod
	// NamespaceLabels are the labels of the pod's namespace.
	NamespaceLabels map[string]string
	// Subject is what Pod stands for.
	Subject Subject
}

// Subject is what a request's pod stands for.
type Subject int

const (
	// NewPod is a pod about to be created.
	NewPod Subject = iota
	// ExistingPod is a pod that exists and whose images change: what concerns new pods only, such as a
	// retired build, does not concern it any more.
	ExistingPod
	// Template is the pod template of a workload object.
	Template
)

// Facts are what the decision is based on.
type Facts struct {
	Snapshot *Snapshot
	// Images holds the outcome for every reference that [References] lists, by the reference as the pod
	// spells it.
	Images map[string]ImageResult
}

// References lists the images whose facts the decision about a request needs, each once, in the pod's
// order. It is empty where the decision needs none.
func References(req *Request, s *Snapshot) []string {
	p := s.policies.Match(req.NamespaceLabels, req.Pod.Metadata.Labels)
	if p == nil {
		return nil
	}
	switch osOf(req.Pod, s, p) {
	case osLinux:
		return nil
	case osUndecided:
		if !p.inferWindows && !p.pinLinux {
			return nil
		}
	}
	var references []string
	for c := range req.Pod.AllContainers {
		if c.Image != "" && !p.images.exempts(c.Image) && p.images.mayAsk(c.Image) && !slices.Contains(references, c.Image) {
			references = append(references, c.Image)
		}
	}
	return references
}
