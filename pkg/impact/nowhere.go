package impact

import (
	"fmt"
	"strings"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// nowhere says why pods that the policy refuses nothing about have no node of the fleet to go to.
func nowhere(decision *policy.Decision, fleet *policy.Fleet) *policy.Finding {
	var fitting, offers, targets []string
	image := ""
	reason := policy.ReasonNoReadyNode
	for i := range decision.Candidates {
		c := &decision.Candidates[i]
		switch {
		case c.Fits:
			fitting = append(fitting, c.Build.Describe())
			if c.Reason == policy.ReasonNodesReserved {
				reason = c.Reason
			}
		case c.Takes && c.Image() != "" && c.State == v1alpha1.BuildActive:
			targets = append(targets, c.Build.Describe())
			image = c.Image()
		}
		offers = append(offers, c.Build.Describe()+": "+c.Message())
	}
	builds := strings.Join(fitting, " or ")
	finding := &policy.Finding{
		Reason:  reason,
		Problem: fmt.Sprintf("the pods can run only on %s, of which there is no node that would take them", builds),
		Context: strings.Join(offers, "; "),
		Fix:     fmt.Sprintf("keep or add a node of %s that the pods select and tolerate", builds),
	}
	switch unoffered := unofferedBuilds(decision, fleet); {
	case image != "":
		finding.Fix = fmt.Sprintf("build image %q for %s, or %s", image, strings.Join(targets, " or "), finding.Fix)
	case len(unoffered) > 0:
		finding.Fix = fmt.Sprintf("let policy %q offer %s, if the images run there, or %s", decision.Policy, strings.Join(unoffered, " or "), finding.Fix)
	}
	return finding
}

// unofferedBuilds are the builds that have nodes and that the policy does not offer, where no build that it offers has
// any: its nodes have become of a build that nobody has told it of.
func unofferedBuilds(decision *policy.Decision, fleet *policy.Fleet) []string {
	offered := map[policy.Build]bool{}
	for i := range decision.Candidates {
		if decision.Candidates[i].Nodes > 0 {
			return nil
		}
		offered[decision.Candidates[i].Build] = true
	}
	var names []string
	for _, build := range fleet.Builds() {
		if !offered[build] {
			names = append(names, build.Describe())
		}
	}
	return names
}
