package impact

import (
	"fmt"
	"slices"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// Dependency is a build under a policy.
type Dependency struct {
	Policy string
	Build  policy.Build
}

// Dependent is the pods that run on a build under a policy, and what would become of them without it.
type Dependent struct {
	// Pods counts the pods that are bound to nodes of the build.
	Pods int
	// Stranded counts those that would have nowhere to go if the build were retired and its nodes were gone, and
	// Unknown those of which that cannot be told because an image could not be inspected.
	Stranded, Unknown int
	// Workloads are those that would be stranded, by namespace and owner.
	Workloads []*Workload
	// Images are those that could not be inspected, sorted.
	Images []string
}

// Dependents tells for every build of every policy who depends on it. It takes one decision for each build that a
// workload's pods are on, and one compilation of the fleet for each build that has pods.
func Dependents(workloads []*Workload, now *policy.Snapshot, images ByNamespace) (map[Dependency]*Dependent, error) {
	byBuild := map[policy.Build][]*Workload{}
	for _, w := range workloads {
		for _, on := range w.Pods.Builds(now.Fleet()) {
			byBuild[on.Build] = append(byBuild[on.Build], w)
		}
	}
	all := map[Dependency]*Dependent{}
	for _, p := range now.Policies().All() {
		for i := range p.Builds {
			all[Dependency{p.Name, p.Builds[i].Build}] = &Dependent{}
		}
	}
	for build, dependents := range byBuild {
		then, err := without(now, build)
		if err != nil {
			return nil, err
		}
		for _, w := range dependents {
			comparison := &Comparison{Now: now, Then: then, Images: images[w.Namespace]}
			if err := count(all, build, comparison, w); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// without is the cluster if a build were retired and its nodes were gone.
func without(now *policy.Snapshot, build policy.Build) (*policy.Snapshot, error) {
	then, err := now.Assume(&policy.Assumption{
		States:       map[policy.Build]v1alpha1.BuildState{build: v1alpha1.BuildRetired},
		RemovedNodes: now.Fleet().NodesOf(build),
	})
	if err != nil {
		return nil, fmt.Errorf("supposing that build %s were gone: %w", build, err)
	}
	return then, nil
}

func count(all map[Dependency]*Dependent, build policy.Build, comparison *Comparison, w *Workload) error {
	template := before(w, comparison.Now)
	verdict, err := judge(w, template, &policy.Facts{Snapshot: comparison.Then, Images: comparison.Images})
	if err != nil {
		return fmt.Errorf("judging %s in namespace %s without build %s: %w", w.Owner, w.Namespace, build, err)
	}
	// The policy in force depends on labels only, which the supposition leaves as they are.
	dependent := all[Dependency{verdict.Policy, build}]
	if dependent == nil || verdict.Outcome == Unjudged {
		return nil
	}
	pods := w.On(build, comparison.Now.Fleet())
	dependent.Pods += pods
	switch verdict.Outcome {
	case Stranded:
		dependent.Stranded += pods
		dependent.Workloads = append(dependent.Workloads, w)
	case Unknown:
		dependent.Unknown += pods
		if at, found := slices.BinarySearch(dependent.Images, verdict.Image); !found {
			dependent.Images = slices.Insert(dependent.Images, at, verdict.Image)
		}
	}
	return nil
}
