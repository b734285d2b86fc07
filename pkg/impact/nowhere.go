package impact

import (
	"fmt"
	"strings"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// nowhere says why pods that the policy refuses nothing about have no node to go to.
func nowhere(decision *policy.Decision) *policy.Finding {
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
	if image != "" {
		finding.Fix = fmt.Sprintf("build image %q for %s, or %s", image, strings.Join(targets, " or "), finding.Fix)
	}
	return finding
}
