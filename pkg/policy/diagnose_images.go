package policy

import (
	"fmt"
	"strings"
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
	// The first container whose image leaves nothing of what the ones before it left is the one to change.
	left := allBuilds(len(e.policy.Builds))
	var odd *imageView
	var others []string
	for i := range e.images {
		view := &e.images[i]
		if left &= view.builds; left == 0 {
			odd = view
			break
		}
		others = append(others, fmt.Sprintf("container %q runs on %s", view.Name, e.describe(view.builds)))
	}
	return &Finding{
		Reason: ReasonNoCommonBuild,
		Field:  odd.Field("image"),
		Problem: fmt.Sprintf("no build runs all containers of the pod: image %q of container %q runs on %s, but %s",
			odd.Image, odd.Name, e.describe(odd.builds), strings.Join(others, ", ")),
		Context: e.allows(),
		Fix:     fmt.Sprintf("use an image for container %q that is built for %s", odd.Name, e.commonTargets(odd)),
	}
}

// commonTargets are the builds that every container but the odd one runs on.
func (e *evaluation) commonTargets(odd *imageView) string {
	common := allBuilds(len(e.policy.Builds))
	for i := range e.images {
		if &e.images[i] != odd {
			common &= e.images[i].builds
		}
	}
	if common == 0 {
		return "the same build as the others"
	}
	return e.describe(common)
}
