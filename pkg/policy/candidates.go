package policy

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// cause is what a candidate's reason is about. Which fields are set depends on the reason.
type cause struct {
	policy string
	pin    *pin
	image  *imageView
	taint  *corev1.Taint
}

// listCandidates records for every build of the policy whether it fits, and why not.
func (e *evaluation) listCandidates() {
	fitting := e.fitting()
	e.decision.Candidates = make([]Candidate, len(e.policy.Builds))
	for i := range e.policy.Builds {
		c := &e.decision.Candidates[i]
		c.PolicyBuild = e.policy.Builds[i]
		c.BuildCount = e.offers[i].BuildCount
		if fitting.has(i) && (e.ready.has(i) || !e.needsReadyNode(i)) {
			e.placeable |= 1 << i
		}
		c.Fits = e.placeable.has(i)
		c.Ready = e.ready.has(i)
		c.Takes = e.offers[i].takes
		c.Reason, c.because = e.reasonOf(i)
		c.because.policy = e.policy.Name
	}
}

// needsReadyNode tells whether the build is of no use to the pod while it has no Ready node.
func (e *evaluation) needsReadyNode(i int) bool {
	return e.policy.whenNoReadyNode == v1alpha1.NoReadyNodeDeny && e.req.Subject == NewPod && !e.policy.Builds[i].ScaleFromZero
}

// reasonOf is the first thing that speaks against a build, in the order in which a person would want to know.
func (e *evaluation) reasonOf(i int) (Reason, cause) {
	switch {
	case !e.pinned.has(i):
		return ReasonPinnedElsewhere, cause{pin: e.pinAgainst(i)}
	case !e.isolated.has(i):
		return ReasonIsolationConflict, cause{pin: &pin{field: "spec.runtimeClassName", value: *e.pod().Spec.RuntimeClassName}}
	case !e.runnable.has(i):
		return ReasonImageIncompatible, cause{image: e.imageAgainst(i)}
	case !e.allowed.has(i) && e.policy.Builds[i].State == v1alpha1.BuildRetired:
		return ReasonRetired, cause{}
	case !e.allowed.has(i):
		return ReasonPreviewNotRequested, cause{}
	case e.ready.has(i):
		return ReasonFits, cause{}
	case e.offers[i].reservation != nil:
		return ReasonNodesReserved, cause{taint: e.offers[i].reservation}
	default:
		return ReasonNoReadyNode, cause{}
	}
}

func (e *evaluation) pinAgainst(i int) *pin {
	for k := range e.pins {
		if !e.pins[k].builds.has(i) {
			return &e.pins[k]
		}
	}
	return nil
}

func (e *evaluation) imageAgainst(i int) *imageView {
	for k := range e.images {
		if !e.images[k].builds.has(i) {
			return &e.images[k]
		}
	}
	return nil
}

// Image is the image that does not run on nodes of this build, where that is the reason, and else empty.
func (c *Candidate) Image() string {
	if c.Reason != ReasonImageIncompatible || c.because.image == nil {
		return ""
	}
	return c.because.image.Image
}

// Message is the candidate's reason in a sentence without a full stop.
func (c *Candidate) Message() string {
	switch c.Reason {
	case ReasonFits:
		return fmt.Sprintf("fits; %s", c.BuildCount)
	case ReasonPinnedElsewhere:
		return c.because.pin.describe() + " leaves no node of this build"
	case ReasonIsolationConflict:
		return fmt.Sprintf("policy %q demands Hyper-V isolation, and RuntimeClass %q gives process isolation",
			c.because.policy, c.because.pin.value)
	case ReasonImageIncompatible:
		return fmt.Sprintf("container %q cannot run here: image %q %s",
			c.because.image.Name, c.because.image.Image, c.because.image.builtFor())
	case ReasonRetired:
		return fmt.Sprintf("policy %q retires this build: it takes no new pods", c.because.policy)
	case ReasonPreviewNotRequested:
		return fmt.Sprintf("policy %q offers this build as a preview, and the pod does not ask for it with the label %s: %q",
			c.because.policy, v1alpha1.LabelWindowsBuild, c.Build)
	case ReasonNodesReserved:
		return fmt.Sprintf("the nodes are reserved by the taint %s, which the pod does not tolerate", c.because.taint.ToString())
	default:
		return fmt.Sprintf("no node that the pod selects is available: %s", c.BuildCount)
	}
}

func (p *pin) describe() string {
	if p.value == "" {
		return p.field
	}
	return p.field + ": " + p.value
}

// String is the count for a person, such as "1 of 3 nodes Ready".
func (c BuildCount) String() string {
	switch {
	case c.Nodes == 0:
		return "no nodes"
	case c.Nodes == 1 && c.Available == 1:
		return "1 node, Ready"
	case c.Nodes == 1:
		return "1 node, not Ready"
	default:
		return fmt.Sprintf("%d of %d nodes Ready", c.Available, c.Nodes)
	}
}

// builtFor says what the image is built for, as the end of a sentence that begins with the image.
func (v *imageView) builtFor() string {
	builds := v.image.WindowsBuilds()
	if len(builds) == 0 {
		return "is built for " + list(v.image.platformNames(), "and") + " only"
	}
	return "is built for " + describeBuilds(builds, "and")
}

func (i *Image) platformNames() []string {
	var names []string
	for k := range i.Platforms {
		name := i.Platforms[k].OS + "/" + i.Platforms[k].Architecture
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func describeBuilds(builds []Build, conjunction string) string {
	names := make([]string, len(builds))
	for i, build := range builds {
		names[i] = build.Describe()
	}
	return list(names, conjunction)
}

// list joins words as prose does: "a", "a and b", "a, b and c".
func list(words []string, conjunction string) string {
	switch len(words) {
	case 0:
		return "nothing"
	case 1:
		return words[0]
	default:
		last := len(words) - 1
		return strings.Join(words[:last], ", ") + " " + conjunction + " " + words[last]
	}
}
