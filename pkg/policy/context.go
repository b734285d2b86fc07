package policy

import (
	"fmt"
	"strings"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// allows says what the policy allows and what the nodes offer.
func (e *evaluation) allows() string {
	offered := make([]string, 0, len(e.policy.Builds))
	for i := range e.policy.Builds {
		build := &e.policy.Builds[i]
		about := make([]string, 0, 3)
		if release, ok := LookupRelease(build.Build); ok {
			about = append(about, release.Name)
		}
		if build.State != v1alpha1.BuildActive {
			about = append(about, strings.ToLower(string(build.State)))
		}
		about = append(about, e.offers[i].String())
		offered = append(offered, build.label+" ("+strings.Join(about, "; ")+")")
	}
	return fmt.Sprintf("Policy %q allows %s", e.policy.Name, list(offered, "and"))
}

// describe names the builds of a set.
func (e *evaluation) describe(set buildSet) string {
	var names []string
	for i := range e.policy.Builds {
		if set.has(i) {
			names = append(names, e.policy.Builds[i].Build.Describe())
		}
	}
	return list(names, "or")
}

// targets names the builds worth building an image for: those that take new pods unasked, and of these,
// where there are any, the ones that have Ready nodes. Base-image tags are added, since that is what a
// person changes.
func (e *evaluation) targets() string {
	var all, ready []string
	for i := range e.policy.Builds {
		build := &e.policy.Builds[i]
		if build.State != v1alpha1.BuildActive {
			continue
		}
		name := build.label
		if tag := build.Build.BaseTag(); tag != "" {
			name += " (base image tag " + tag + ")"
		}
		all = append(all, name)
		if e.offers[i].Available > 0 {
			ready = append(ready, name)
		}
	}
	switch {
	case len(ready) > 0:
		return list(ready, "or")
	case len(all) > 0:
		return list(all, "or")
	default:
		return "a build that the policy's administrator makes active"
	}
}
