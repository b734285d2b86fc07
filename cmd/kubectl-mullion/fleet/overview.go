package fleet

import (
	"cmp"
	"slices"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// overviewOf is the fleet as it is: every build that a node has or a policy lists, newest first, once for each policy
// that lists it.
func overviewOf(s *state) *Report {
	r := newReport()
	r.Notes = s.notes
	fleet := s.snapshot.Fleet()
	pods := map[policy.Build]int{}
	for _, w := range s.workloads {
		for _, on := range w.Builds(fleet) {
			pods[on.Build] += on.Pods
		}
	}
	for _, build := range buildsOf(s) {
		count := fleet.Count(build)
		release, _ := policy.LookupRelease(build)
		row := Build{
			Build: build.String(), Release: release.Name,
			Nodes: count.Nodes, ReadyNodes: count.Available, Pods: pods[build],
		}
		listed := listings(s, build, row)
		if len(listed) == 0 {
			listed = []Build{row}
		}
		r.Overview = append(r.Overview, listed...)
	}
	return r
}

// buildsOf are the builds that nodes have or policies list, newest first.
func buildsOf(s *state) []policy.Build {
	builds := s.snapshot.Fleet().Builds()
	for _, p := range s.snapshot.Policies().All() {
		for i := range p.Builds {
			builds = append(builds, p.Builds[i].Build)
		}
	}
	slices.SortFunc(builds, func(a, b policy.Build) int {
		return cmp.Or(cmp.Compare(b.Major, a.Major), cmp.Compare(b.Minor, a.Minor), cmp.Compare(b.Number, a.Number))
	})
	return slices.Compact(builds)
}

// listings is a row for each policy that lists the build.
func listings(s *state, build policy.Build, row Build) []Build {
	var rows []Build
	for _, p := range s.snapshot.Policies().All() {
		for i := range p.Builds {
			if rule := &p.Builds[i]; rule.Build == build {
				row.Policy, row.State = p.Name, string(rule.State)
				row.Isolation, row.RuntimeClass = string(rule.Isolation), rule.RuntimeClass
				row.Workloads = dependents(s.policies, p.Name, row.Build)
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// dependents is what the status of a policy tells of a build; nil where it tells nothing.
func dependents(policies []v1alpha1.WindowsBuildPolicy, name, build string) *Dependents {
	for i := range policies {
		if policies[i].Name != name {
			continue
		}
		for _, status := range policies[i].Status.Builds {
			if w := status.Workloads; w != nil && status.Build == build {
				return &Dependents{
					Pods: w.Pods, StrandedPods: w.StrandedPods, UnknownPods: w.UnknownPods,
					Stranded: w.Stranded, MoreStranded: w.MoreStranded,
				}
			}
		}
	}
	return nil
}
