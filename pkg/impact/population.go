package impact

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"unique"

	"github.com/mullion-dev/mullion/pkg/workload"
)

// Population gathers running pods into workloads. It is for one goroutine.
type Population struct {
	namespaces map[string]map[string]string
	workloads  map[[sha256.Size]byte]*Workload
}

// NewPopulation makes an empty population in namespaces with the labels. A namespace that is not among them has none.
func NewPopulation(namespaces map[string]map[string]string) *Population {
	return &Population{namespaces: namespaces, workloads: map[[sha256.Size]byte]*Workload{}}
}

// Origin is what pods would be made from again.
type Origin struct {
	Namespace string
	Owner     Owner
	// Template is the controller's template or, where Bare, a pod. Of it is kept what placement depends on.
	Template *workload.Pod
	Bare     bool
}

// Add adds the pods of an origin. Those of one owner with templates alike become one workload, such as those of two
// ReplicaSets of a Deployment that differ in their environment only.
func (p *Population) Add(origin Origin, pods *Pods) error {
	template := Relevant(origin.Template, origin.Bare)
	template.Metadata.Namespace = unique.Make(origin.Namespace).Value()
	key, err := keyOf(&origin, template)
	if err != nil {
		return fmt.Errorf("telling the pods of %s %s in namespace %s apart: %w", origin.Owner.Kind, origin.Owner.Name, origin.Namespace, err)
	}
	w := p.workloads[key]
	if w == nil {
		w = &Workload{
			Namespace:       template.Metadata.Namespace,
			NamespaceLabels: p.namespaces[origin.Namespace],
			Owner:           origin.Owner,
			Template:        template,
			Bare:            origin.Bare,
		}
		p.workloads[key] = w
	}
	w.merge(pods)
	return nil
}

// Len is the number of workloads gathered so far.
func (p *Population) Len() int { return len(p.workloads) }

// Workloads are the workloads gathered so far, by namespace and owner.
func (p *Population) Workloads() []*Workload {
	all := make([]*Workload, 0, len(p.workloads))
	for _, w := range p.workloads {
		w.Nodes, w.Samples = slices.Clone(w.Nodes), slices.Clone(w.Samples) // Without room for more.
		all = append(all, w)
	}
	slices.SortFunc(all, compareWorkloads)
	return all
}

// keyOf tells workloads apart. It is a digest because a template is many times as long.
func keyOf(origin *Origin, template *workload.Pod) ([sha256.Size]byte, error) {
	content, err := json.Marshal([]any{origin.Owner, origin.Bare, template})
	if err != nil {
		return [sha256.Size]byte{}, err
	}
	return sha256.Sum256(content), nil
}
