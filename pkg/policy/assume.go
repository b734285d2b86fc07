package policy

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// Assumption is what to suppose of a cluster that is not so. The zero value supposes nothing.
type Assumption struct {
	// Policy is put in the place of every policy; nil leaves them.
	Policy *Policy
	// States gives builds another state in every policy that lists them. A build that none lists changes
	// nothing: a policy does not come to offer a build by retiring it.
	States map[Build]v1alpha1.BuildState
	// Builds are put in the place of the rules for the same build in every policy, and added at the end of
	// those that have none. States are given before.
	Builds []v1alpha1.BuildRule
	// RemovedNodes are the names of nodes that are left out. A name that no Windows node has is refused.
	RemovedNodes []string
	// Upgrades are the builds whose nodes are supposed to have another build. None may be both ends of one.
	Upgrades map[Build]Build
	// Nodes are nodes to suppose beside those of the cluster. They are neither removed nor upgraded.
	Nodes []Node
}

// Assume is the snapshot of a cluster as it would be if the assumption were true. What the assumption does not
// touch is shared. The error names everything in the assumption that makes no sense.
//
// It takes as long as [CompileFleet] does where nodes are concerned, so that who asks much with one assumption
// keeps the result.
func (s *Snapshot) Assume(a *Assumption) (*Snapshot, error) {
	policies, errPolicies := s.assumePolicies(a)
	fleet, errFleet := s.fleet.assume(a)
	if err := errors.Join(errPolicies, errFleet); err != nil {
		return nil, err
	}
	return &Snapshot{policies: policies, fleet: fleet, runtimeClasses: s.runtimeClasses}, nil
}

func (s *Snapshot) assumePolicies(a *Assumption) (*Policies, error) {
	compiled := make([]PolicyBuild, 0, len(a.Builds))
	for i := range a.Builds {
		build, err := compileBuild(&a.Builds[i])
		if err != nil {
			return nil, fmt.Errorf("builds[%d].build: %w", i, err)
		}
		if indexOfBuild(compiled, build.Build) >= 0 {
			return nil, fmt.Errorf("builds[%d].build: %s is listed twice", i, build.Build)
		}
		compiled = append(compiled, build)
	}
	if a.Policy == nil && len(a.States) == 0 && len(compiled) == 0 {
		return s.policies, nil
	}
	base := s.policies.All()
	if a.Policy != nil {
		base = []*Policy{a.Policy}
	}
	assumed := make([]*Policy, len(base))
	for i, p := range base {
		assumed[i] = p.assume(a.States, compiled)
		if n := len(assumed[i].Builds); n > maxBuilds {
			return nil, fmt.Errorf("builds: policy %q would have %d builds, and a policy can have %d", p.Name, n, maxBuilds)
		}
	}
	return NewPolicies(assumed), nil
}

// assume is the policy with other states and other rules for some builds.
func (p *Policy) assume(states map[Build]v1alpha1.BuildState, builds []PolicyBuild) *Policy {
	assumed := *p
	assumed.Builds = slices.Clone(p.Builds)
	for i := range assumed.Builds {
		b := &assumed.Builds[i]
		b.State = cmp.Or(states[b.Build], b.State)
	}
	for _, build := range builds {
		if i := indexOfBuild(assumed.Builds, build.Build); i >= 0 {
			assumed.Builds[i] = build
		} else {
			assumed.Builds = append(assumed.Builds, build)
		}
	}
	return &assumed
}

// assume is the fleet without some nodes, with others, and with nodes of other builds.
func (f *Fleet) assume(a *Assumption) (*Fleet, error) {
	if len(a.RemovedNodes) == 0 && len(a.Upgrades) == 0 && len(a.Nodes) == 0 {
		return f, nil
	}
	var errs []error
	removed := make(map[string]struct{}, len(a.RemovedNodes))
	for i, name := range a.RemovedNodes {
		if _, known := f.byName[name]; !known {
			errs = append(errs, fmt.Errorf("removedNodes[%d]: there is no Windows node %q", i, name))
		}
		removed[name] = struct{}{}
	}
	for from, to := range a.Upgrades {
		if _, chained := a.Upgrades[to]; chained {
			errs = append(errs, fmt.Errorf("upgrades: %s is upgraded to %s, which is upgraded too", from, to))
		}
	}
	nodes := make([]*CompactNode, 0, len(f.byName)+len(a.Nodes))
	for name, node := range f.byName {
		if _, gone := removed[name]; gone {
			continue
		}
		if to, ok := a.Upgrades[node.build]; ok {
			nodes = append(nodes, node.upgraded(to))
		} else {
			nodes = append(nodes, node.CompactNode)
		}
	}
	for i := range a.Nodes {
		if _, there := f.byName[a.Nodes[i].Name]; there {
			errs = append(errs, fmt.Errorf("nodes[%d]: there is a node %q already", i, a.Nodes[i].Name))
		}
		nodes = append(nodes, a.Nodes[i].Compact())
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return CompileCompact(nodes), nil
}
