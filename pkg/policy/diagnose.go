package policy

import (
	"fmt"
	"strconv"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// diagnose says why no candidate fits, or nil where one does. What is wrong with the pod whatever the build
// comes first, then what no build can satisfy, then what keeps the builds that could.
func (e *evaluation) diagnose() *Finding {
	if e.placeable != 0 {
		return e.deniedImage()
	}
	examinations := []func() *Finding{
		e.invalidBuildLabel,
		e.linuxImage,
		e.deniedImage,
		e.imageFitsNoBuild,
		e.noCommonBuild,
		e.buildNotAllowed,
		e.isolationConflict,
		e.pinnedToUnfit,
		e.stateForbids,
		e.noReadyNode,
	}
	for _, examine := range examinations {
		if finding := examine(); finding != nil {
			return finding
		}
	}
	return nil
}

func (e *evaluation) invalidBuildLabel() *Finding {
	value, there := e.pod().Metadata.Labels[v1alpha1.LabelWindowsBuild]
	if !there {
		return nil
	}
	if _, err := ParseBuild(value); err == nil {
		return nil
	}
	return &Finding{
		Reason:  ReasonInvalidBuildLabel,
		Field:   "metadata.labels[" + v1alpha1.LabelWindowsBuild + "]",
		Problem: strconv.Quote(value) + " is not a Windows build",
		Fix:     "write a build of the form " + e.policy.Builds[0].label + ", or remove the label",
	}
}

func (e *evaluation) stateForbids() *Finding {
	if e.fitting() != 0 {
		return nil
	}
	possible := e.pinned & e.isolated & e.runnable
	field, image := "spec", ""
	if view := e.imageAgainstAll(e.allowed); view != nil {
		field, image = view.Field("image"), view.Image
	} else if len(e.pins) > 0 {
		field = e.pins[0].field
	}
	for i := range e.policy.Builds {
		if !possible.has(i) || e.policy.Builds[i].State != v1alpha1.BuildPreview {
			continue
		}
		return &Finding{
			Reason:  ReasonPreviewNotRequested,
			Field:   field,
			Problem: fmt.Sprintf("the pod can run only on %s, which policy %q offers as a preview to pods that ask for it", e.describe(possible), e.policy.Name),
			Context: e.allows(),
			Fix:     fmt.Sprintf("add the label %s: %q to the pod", v1alpha1.LabelWindowsBuild, e.policy.Builds[i].label),
		}
	}
	finding := &Finding{
		Reason:  ReasonRetired,
		Field:   field,
		Problem: fmt.Sprintf("the pod can run only on %s, which policy %q has retired", e.describe(possible), e.policy.Name),
		Context: e.allows(),
		Fix:     "rebuild its images for " + e.targets(),
	}
	if image != "" {
		finding.Fix = fmt.Sprintf("rebuild image %q for %s", image, e.targets())
	}
	return finding
}

func (e *evaluation) noReadyNode() *Finding {
	return &Finding{
		Reason:  ReasonNoReadyNode,
		Problem: fmt.Sprintf("no node of %s takes this pod just now, and policy %q refuses pods that would have to wait", e.describe(e.fitting()), e.policy.Name),
		Context: e.allows(),
		Fix:     "wait until such a node is Ready and try again, or use images built for " + e.targets(),
	}
}
