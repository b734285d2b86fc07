package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func (e *evaluation) linuxImage() *Finding {
	for i := range e.images {
		view := &e.images[i]
		if view.image == nil || view.image.hasWindows() {
			continue
		}
		return &Finding{
			Reason: ReasonLinuxImage,
			Field:  view.Field("image"),
			Problem: fmt.Sprintf("container %q of this Windows pod has an image without a Windows variant: %q is built for %s only",
				view.Name, view.Image, list(view.image.platformNames(), "and")),
			Fix: fmt.Sprintf("give container %q a Windows image; where a webhook injects this container, exempt the pod from the injection",
				view.Name),
		}
	}
	return nil
}

func (e *evaluation) imageFitsNoBuild() *Finding {
	for i := range e.images {
		view := &e.images[i]
		if view.builds != 0 {
			continue
		}
		return &Finding{
			Reason:  ReasonImageIncompatible,
			Field:   view.Field("image"),
			Problem: fmt.Sprintf("image %q %s, and runs on no build that is allowed", view.Image, view.builtFor()),
			Context: e.allows(),
			Fix:     fmt.Sprintf("use an image for container %q that is built for %s", view.Name, e.targets()),
		}
	}
	return nil
}

func (e *evaluation) noCommonBuild() *Finding {
	if e.runnable != 0 {
		return nil
	}
	odd, target := e.imageToChange()
	var others []string
	for i := range e.images {
		if view := &e.images[i]; view != odd && view.builds != allBuilds(len(e.policy.Builds)) {
			others = append(others, fmt.Sprintf("container %q runs on %s", view.Name, e.describe(view.builds)))
		}
	}
	return &Finding{
		Reason: ReasonNoCommonBuild,
		Field:  odd.Field("image"),
		Problem: fmt.Sprintf("no build runs all containers of the pod: image %q of container %q runs on %s, but %s",
			odd.Image, odd.Name, e.describe(odd.builds), strings.Join(others, " and ")),
		Context: e.allows(),
		Fix:     fmt.Sprintf("use an image for container %q that is built for %s", odd.Name, target),
	}
}

// imageToChange finds the one image whose exchange lets all containers run on the same build, and that build: of
// several, the build that takes pods most readily, and then the first in the policy's order. Where no single
// exchange is enough it is the last image, which is as good as any to begin with.
func (e *evaluation) imageToChange() (*imageView, string) {
	best, target, bestRank := &e.images[len(e.images)-1], "the same build as the others", len(buildStates())*len(e.policy.Builds)
	for i := range e.images {
		for k := range e.policy.Builds {
			rank := slices.Index(buildStates(), e.policy.Builds[k].State)*len(e.policy.Builds) + k
			if rank < bestRank && e.othersRunOn(i, k) {
				best, target, bestRank = &e.images[i], e.policy.Builds[k].Build.Describe(), rank
			}
		}
	}
	return best, target
}

// othersRunOn tells whether every image but one runs on a build.
func (e *evaluation) othersRunOn(except, build int) bool {
	for i := range e.images {
		if i != except && !e.images[i].builds.has(build) {
			return false
		}
	}
	return true
}

// buildStates are the states of builds in the order of how readily they take pods.
func buildStates() []v1alpha1.BuildState {
	return []v1alpha1.BuildState{v1alpha1.BuildActive, v1alpha1.BuildPreview, v1alpha1.BuildDeprecated, v1alpha1.BuildRetired}
}
