package policy

import (
	"fmt"
	"slices"
	"strconv"
)

func (e *evaluation) buildNotAllowed() *Finding {
	if e.pinned != 0 {
		return nil
	}
	for i := range e.pins {
		if e.pins[i].builds != 0 {
			continue
		}
		if name := e.pins[i].unknownNode; name != "" {
			return &Finding{
				Reason:  ReasonNodeUnknown,
				Field:   e.pins[i].field,
				Problem: fmt.Sprintf("the pod is bound to node %q, and no Windows node of that name is known", name),
				Fix:     "wait for a node that has just joined; where it is a Linux node, let the pod's owner select nodes by kubernetes.io/os: windows",
			}
		}
		return &Finding{
			Reason:  ReasonBuildNotAllowed,
			Field:   e.pins[i].field,
			Problem: "the pod selects " + e.pins[i].selects() + ", which no build that is allowed can satisfy",
			Context: e.allows(),
			Fix:     "remove it, so that the pod is placed by its images, or select " + e.targets(),
		}
	}
	fields := make([]string, len(e.pins))
	for i := range e.pins {
		fields[i] = e.pins[i].describe()
	}
	return &Finding{
		Reason:  ReasonPinnedElsewhere,
		Field:   e.pins[len(e.pins)-1].field,
		Problem: "the pod's own settings contradict each other: no build satisfies " + list(fields, "and"),
		Context: e.allows(),
		Fix:     "keep one of them",
	}
}

func (p *pin) selects() string {
	if p.value == "" {
		return "nodes by " + p.field
	}
	return strconv.Quote(p.value)
}

func (e *evaluation) isolationConflict() *Finding {
	if e.pinned&e.isolated != 0 {
		return nil
	}
	return &Finding{
		Reason: ReasonIsolationConflict,
		Field:  "spec.runtimeClassName",
		Problem: fmt.Sprintf("RuntimeClass %q gives process isolation, and policy %q demands Hyper-V isolation for this pod",
			*e.pod().Spec.RuntimeClassName, e.policy.Name),
		Fix: "remove spec.runtimeClassName, so that the pod is given the RuntimeClass of its build",
	}
}

func (e *evaluation) pinnedToUnfit() *Finding {
	if e.pinned&e.isolated&e.runnable != 0 {
		return nil
	}
	// At least one build runs the pod, so a pin or the isolation keeps it from there.
	culprit := &e.pins[0]
	for i := range e.pins {
		if e.pins[i].builds&e.runnable == 0 {
			culprit = &e.pins[i]
			break
		}
	}
	unfit := e.imageAgainstAll(culprit.builds)
	if unfit == nil {
		unfit = e.imageAgainstAll(e.pinned)
	}
	problem := "the builds that the pod selects cannot run its images"
	if unfit != nil {
		problem = fmt.Sprintf("the pod selects %s, but image %q of container %q %s",
			e.describe(e.pinned), unfit.Image, unfit.Name, unfit.builtFor())
	}
	finding := &Finding{
		Reason:  ReasonImageIncompatible,
		Field:   culprit.field,
		Problem: problem,
		Context: e.allows(),
		Fix:     "remove " + culprit.field + ", so that the pod is placed on " + e.describe(e.runnable) + ", or use an image built for " + e.describe(e.pinned),
	}
	if e.wasPlaced() {
		finding.Fix = "create the pod again, so that it is placed by what is known of its images now; where it selects " +
			e.describe(e.pinned) + " by itself, remove that, or use an image built for it"
	}
	return finding
}

// wasPlaced tells whether the pod looks as if it had been given its selectors by a policy. Then its image is another
// by now, because another webhook has changed it or because its registry answered only after the pod was placed.
func (e *evaluation) wasPlaced() bool {
	return slices.ContainsFunc(e.policy.Builds, func(b PolicyBuild) bool { return b.placed(e.pod()) })
}

// imageAgainstAll is the first image that runs on none of the builds, or nil.
func (e *evaluation) imageAgainstAll(builds buildSet) *imageView {
	for i := range e.images {
		if e.images[i].image != nil && e.images[i].builds&builds == 0 {
			return &e.images[i]
		}
	}
	return nil
}
