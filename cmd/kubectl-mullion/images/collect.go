package images

import (
	"fmt"
	"slices"

	"github.com/mullion-dev/mullion/pkg/manifest"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// collect lists the images to ask for, each once: those that the user names, in that order, then those of pods and of
// objects that make pods, sorted.
func collect(named []string, set *manifest.Set) ([]string, []*manifest.Problem) {
	problems := set.Problems
	var found []string
	for _, source := range set.Objects {
		kind := source.Kind.GroupKind()
		if _, makesPods := workload.TemplatePath(kind); !makesPods {
			continue
		}
		object, err := workload.DecodeObject(kind, source.JSON)
		if err != nil {
			problems = append(problems, &manifest.Problem{File: source.File, Line: source.Line, Message: fmt.Sprintf("%s: %v", source, err)})
			continue
		}
		for container := range object.Template.AllContainers {
			if container.Image != "" {
				found = append(found, container.Image)
			}
		}
	}
	slices.Sort(found)
	var references []string
	seen := map[string]bool{}
	for _, reference := range slices.Concat(named, found) {
		if !seen[reference] {
			seen[reference] = true
			references = append(references, reference)
		}
	}
	return references, problems
}
