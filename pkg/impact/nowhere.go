package impact

import (
	"fmt"
	"strings"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// nowhere says why pods that the policy refuses nothing about have no node of the fleet to go to.
func (v *Verdict) nowhere(decision *policy.Decision, fleet *policy.Fleet) {
	var offers []string
	reason := policy.ReasonNoReadyNode
	for i := range decision.Candidates {
		c := &decision.Candidates[i]
		switch {
		case c.Fits:
			v.Fitting = append(v.Fitting, c.Build)
			if c.Reason == policy.ReasonNodesReserved {
				reason = c.Reason
			}
		case c.Takes && c.Image() != "" && c.State == v1alpha1.BuildActive && (v.Image == "" || v.Image == c.Image()):
			v.Targets = append(v.Targets, c.Build)
			v.Image = c.Image()
		}
		offers = append(offers, c.Build.Describe()+": "+c.Message())
	}
	builds := oneOf(v.Fitting)
	v.Finding = &policy.Finding{
		Reason:  reason,
		Problem: fmt.Sprintf("the pods can run only on %s, of which there is no node that would take them", builds),
		Context: strings.Join(offers, "; "),
		Fix:     fmt.Sprintf("keep or add a node of %s that the pods select and tolerate", builds),
	}
	switch unoffered := unofferedBuilds(decision, fleet); {
	case v.Image != "":
		v.Finding.Fix = fmt.Sprintf("build image %q for %s, or %s", v.Image, oneOf(v.Targets), v.Finding.Fix)
	case len(unoffered) > 0:
		v.Finding.Fix = fmt.Sprintf("let policy %q offer %s, if the images run there, or %s", decision.Policy, oneOf(unoffered), v.Finding.Fix)
	}
}

// oneOf names builds of which one would do.
func oneOf(builds []policy.Build) string {
	names := make([]string, len(builds))
	for i, build := range builds {
		names[i] = build.Describe()
	}
	return strings.Join(names, " or ")
}

// unofferedBuilds are the builds that have nodes and that the policy does not offer, where no build that it offers has
// any: its nodes have become of a build that nobody has told it of.
func unofferedBuilds(decision *policy.Decision, fleet *policy.Fleet) []policy.Build {
	offered := map[policy.Build]bool{}
	for i := range decision.Candidates {
		if decision.Candidates[i].Nodes > 0 {
			return nil
		}
		offered[decision.Candidates[i].Build] = true
	}
	var unoffered []policy.Build
	for _, build := range fleet.Builds() {
		if !offered[build] {
			unoffered = append(unoffered, build)
		}
	}
	return unoffered
}
