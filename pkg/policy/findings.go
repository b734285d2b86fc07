package policy

import (
	"fmt"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// imageIssue is something questionable about one container's image, and what the policy wants done about it.
type imageIssue struct {
	view     *imageView
	action   v1alpha1.ImageFinding
	describe func(*evaluation, *imageView) Finding
}

// imageIssues calls yield with everything that is questionable about the pod's images whatever the build,
// and that the policy does not allow.
func (e *evaluation) imageIssues(yield func(imageIssue) bool) {
	rules := &e.policy.images
	unresolved := v1alpha1.ImageFindingWarn
	if rules.whenUnresolved == v1alpha1.UnresolvedDeny {
		unresolved = v1alpha1.ImageFindingDeny
	}
	hostProcess := e.pod().HostProcess()
	for i := range e.images {
		view := &e.images[i]
		issues := [...]struct {
			found bool
			imageIssue
		}{
			{view.problem != nil, imageIssue{view, unresolved, (*evaluation).unresolved}},
			{view.versionUnknown && !hostProcess, imageIssue{view, rules.whenVersionUnknown, (*evaluation).versionUnknown}},
			{view.floating && !view.exempt, imageIssue{view, rules.floating, (*evaluation).floating}},
			{view.image != nil && view.image.Stale, imageIssue{view, v1alpha1.ImageFindingWarn, (*evaluation).stale}},
		}
		for _, issue := range issues {
			if issue.found && issue.action != v1alpha1.ImageFindingAllow && !yield(issue.imageIssue) {
				return
			}
		}
	}
}

func (e *evaluation) unresolved(view *imageView) Finding {
	finding := Finding{
		Reason:  ReasonImageUnresolved,
		Field:   view.Field("image"),
		Problem: fmt.Sprintf("image %q could not be inspected: %s", view.Image, view.problem.Message),
		Context: "Whether it runs on the chosen build is not known",
		Fix:     fmt.Sprintf("say which build the image is for with the label %s", v1alpha1.LabelWindowsBuild),
	}
	if e.policy.images.whenUnresolved == v1alpha1.UnresolvedDeny {
		finding.Context = fmt.Sprintf("Policy %q refuses pods with images that cannot be inspected", e.policy.Name)
		finding.Fix = "mend the reference or the pull secret, or try again when the registry answers"
	}
	return finding
}

func (e *evaluation) versionUnknown(view *imageView) Finding {
	return Finding{
		Reason:  ReasonImageVersionUnknown,
		Field:   view.Field("image"),
		Problem: fmt.Sprintf("image %q does not say which Windows build it was made for, neither in its index nor in its configuration", view.Image),
		Fix:     "build it with os.version set, as docker buildx and the official base images do",
	}
}

func (e *evaluation) floating(view *imageView) Finding {
	finding := Finding{
		Reason:  ReasonFloatingReference,
		Field:   view.Field("image"),
		Problem: fmt.Sprintf("image %q is not named by digest: what is pulled later may be built for another Windows build", view.Image),
		Fix:     "name the image by digest",
	}
	if view.image != nil && view.image.Digest != "" {
		finding.Fix += ", now " + view.image.Digest
	}
	return finding
}

func (e *evaluation) stale(view *imageView) Finding {
	return Finding{
		Reason:  ReasonImageStale,
		Field:   view.Field("image"),
		Problem: fmt.Sprintf("the registry of image %q does not answer; the pod is placed by what it said earlier", view.Image),
	}
}

// deniedImage is the first thing about an image that the policy refuses outright.
func (e *evaluation) deniedImage() *Finding {
	for issue := range e.imageIssues {
		if issue.action == v1alpha1.ImageFindingDeny {
			finding := issue.describe(e, issue.view)
			return &finding
		}
	}
	return nil
}

// warn lists what the user should know about a pod that is placed.
func (e *evaluation) warn() {
	for issue := range e.imageIssues {
		if issue.action == v1alpha1.ImageFindingWarn {
			e.decision.Warnings = append(e.decision.Warnings, issue.describe(e, issue.view))
		}
	}
	if e.req.Subject == ExistingPod {
		return
	}
	chosen := e.decision.Choice()
	if chosen.State == v1alpha1.BuildDeprecated {
		e.decision.Warnings = append(e.decision.Warnings, e.deprecated(chosen))
	}
	if !chosen.Ready && !chosen.ScaleFromZero {
		e.decision.Warnings = append(e.decision.Warnings, e.waiting(chosen))
	}
}

func (e *evaluation) deprecated(chosen *Candidate) Finding {
	return Finding{
		Reason:  ReasonDeprecated,
		Problem: fmt.Sprintf("the pod is placed on %s, which policy %q has deprecated", chosen.Build.Describe(), e.policy.Name),
		Fix:     "build its images for " + e.targets(),
	}
}

func (e *evaluation) waiting(chosen *Candidate) Finding {
	finding := Finding{
		Reason:  chosen.Reason,
		Problem: fmt.Sprintf("the pod is placed on %s and waits there: %s", chosen.Build.Describe(), chosen.Message()),
	}
	if chosen.Reason == ReasonNodesReserved {
		finding.Fix = "add a toleration for that taint if the pod belongs there"
	}
	return finding
}
