package impact

import (
	"slices"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// Outcome is what becomes of a workload whose pods are made again.
type Outcome string

const (
	// Placed: the pods have somewhere to go.
	Placed Outcome = "Placed"
	// Stranded: the policy refuses the pods, or no node would take them.
	Stranded Outcome = "Stranded"
	// Unknown: an image could not be inspected, and what it runs on decides.
	Unknown Outcome = "Unknown"
	// Untouched: an image could not be inspected, and need not be: the builds that the pods are on take them after the
	// change, too. Only a comparison can tell.
	Untouched Outcome = "Untouched"
	// Ended: the workload is a DaemonSet that selects no node any more.
	Ended Outcome = "Ended"
	// Unjudged: no policy selects the pods, or they do not say that they are for Windows.
	Unjudged Outcome = "Unjudged"
)

// Verdict is the outcome for one workload in one snapshot, and why.
type Verdict struct {
	Outcome Outcome
	// Policy is the policy in force, and Mode its mode; empty where there is none.
	Policy string
	Mode   v1alpha1.Mode
	// Build is the build that takes the pods, where they are placed or unknown.
	Build policy.Build
	// Image is the image at fault; empty where no image is.
	Image string
	// Finding says why the pods are stranded or unknown, and what would have to change.
	Finding *policy.Finding
	// Fitting are, where the policy refuses nothing and the pods are stranded for want of nodes, the builds that
	// they could run on.
	Fitting []policy.Build
	// Targets are the builds whose nodes would take such pods if Image were built for them, too.
	Targets []policy.Build

	// takers are all builds that fit and have nodes that take the pods.
	takers []policy.Build
	// choice is the build for which the pods would be placed just now; zero where they would be refused.
	choice policy.Build
}

// judge decides about a template. The error means that the facts of an image were not given.
func judge(w *Workload, template *workload.Pod, facts *policy.Facts) (Verdict, error) {
	req := &policy.Request{Pod: template, NamespaceLabels: w.NamespaceLabels, Subject: policy.Template}
	decision, err := policy.Evaluate(req, facts)
	if err != nil {
		return Verdict{}, err
	}
	verdict := Verdict{Policy: decision.Policy, Mode: decision.Mode, takers: takersOf(&decision)}
	if choice := decision.Choice(); choice != nil && decision.Denial == nil {
		verdict.choice = choice.Build
	}
	if decision.Policy == "" || !decision.Windows {
		verdict.Outcome = Unjudged
		return verdict, nil
	}
	taker := takerOf(&decision)
	switch unresolved := unresolvedImage(template, &decision); {
	case unresolved != nil:
		verdict.Outcome, verdict.Finding = Unknown, unresolved
	case decision.Denial != nil:
		verdict.Outcome, verdict.Finding = Stranded, decision.Denial
	case taker == nil:
		verdict.Outcome = Stranded
		verdict.nowhere(&decision, facts.Snapshot.Fleet())
	default:
		verdict.Outcome = Placed
	}
	if taker != nil && verdict.Outcome != Stranded {
		verdict.Build = taker.Build
	}
	return verdict.complete(w, template, &decision, facts), nil
}

// complete says of a verdict what follows from its outcome.
func (v Verdict) complete(w *Workload, template *workload.Pod, decision *policy.Decision, facts *policy.Facts) Verdict {
	if v.Outcome == Stranded && w.Owner.Kind == KindDaemonSet && !facts.Snapshot.Selects(template) {
		return Verdict{Outcome: Ended, Policy: decision.Policy, Mode: decision.Mode}
	}
	if v.Finding != nil && v.Image == "" {
		v.Image = imageAtFault(template, decision, v.Finding)
	}
	return v
}

// takerOf is the candidate that takes the pods: the one that the policy chooses where nodes of it would take them, or
// come on demand, and else the first of which that is so. That no node of it is available just now does not count.
func takerOf(decision *policy.Decision) *policy.Candidate {
	if choice := decision.Choice(); choice != nil && takes(choice) {
		return choice
	}
	for i := range decision.Candidates {
		if c := &decision.Candidates[i]; takes(c) {
			return c
		}
	}
	return nil
}

// takes tells that the pods could go to nodes of a candidate that are there, or come on demand.
func takes(c *policy.Candidate) bool { return c.Fits && (c.Takes || c.ScaleFromZero) }

// takersOf are the builds of all candidates that take the pods.
func takersOf(decision *policy.Decision) []policy.Build {
	var builds []policy.Build
	for i := range decision.Candidates {
		if c := &decision.Candidates[i]; takes(c) {
			builds = append(builds, c.Build)
		}
	}
	return builds
}

// unresolvedImage is what the policy says of an image that could not be inspected, where that is what decides: an image
// runs anywhere for all that is known, unless the user has said by the label on which build it does. Nil where a
// refusal has another reason, which stays whatever the image turns out to be.
func unresolvedImage(template *workload.Pod, decision *policy.Decision) *policy.Finding {
	isUnresolved := func(f policy.Finding) bool { return f.Reason == policy.ReasonImageUnresolved }
	if denial := decision.Denial; denial != nil {
		if isUnresolved(*denial) {
			return denial
		}
		return nil
	}
	if _, said := template.Metadata.Labels[v1alpha1.LabelWindowsBuild]; said || takerOf(decision) == nil {
		return nil
	}
	if at := slices.IndexFunc(decision.Warnings, isUnresolved); at >= 0 {
		return &decision.Warnings[at]
	}
	return nil
}

// imageAtFault is the image that a finding is about or, where it is about none, the first that keeps the pods from a
// build whose nodes would take them.
func imageAtFault(template *workload.Pod, decision *policy.Decision, finding *policy.Finding) string {
	for c := range template.AllContainers {
		if c.Field("image") == finding.Field {
			return c.Image
		}
	}
	for i := range decision.Candidates {
		if c := &decision.Candidates[i]; c.Takes && c.Image() != "" {
			return c.Image()
		}
	}
	return ""
}
