package explain

import (
	"fmt"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/terminal"
)

// verdictOf is the answer in one line, without the name of the object, and how it looks.
func verdictOf(status *placementv1alpha1.PlacementReviewStatus, supposed bool) (string, terminal.Style) {
	be := ""
	if supposed {
		be = "would be "
	}
	switch {
	case !status.Allowed:
		return be + "refused by " + policyOf(status), terminal.Red
	case status.Policy == "":
		return be + "allowed; no policy is in force for it", terminal.Green
	case !status.Windows:
		return be + "allowed; it is not for Windows, says " + policyOf(status), terminal.Green
	case status.Denial != nil:
		return fmt.Sprintf("%sallowed although no build fits, by %s", be, policyOf(status)), terminal.Yellow
	case len(status.Warnings) > 0:
		return be + "allowed with warnings" + placeOf(status) + ", by " + policyOf(status), terminal.Yellow
	}
	return be + "allowed" + placeOf(status) + ", by " + policyOf(status), terminal.Green
}

// policyOf names the policy and how it is carried out.
func policyOf(status *placementv1alpha1.PlacementReviewStatus) string {
	return fmt.Sprintf("policy %s (%s)", status.Policy, status.Mode)
}

// placeOf says where the pods would run; nothing where that is open, as for a DaemonSet.
func placeOf(status *placementv1alpha1.PlacementReviewStatus) string {
	if status.Build == "" {
		return ""
	}
	place := " on " + status.Build
	for i := range status.Candidates {
		if c := &status.Candidates[i]; c.Build == status.Build && c.Release != "" {
			place += " (" + c.Release + ")"
		}
	}
	if status.RuntimeClass != "" {
		place += " in RuntimeClass " + status.RuntimeClass
	}
	return place
}

// nodesOf is how many nodes of a build are ready, and how many there are.
func nodesOf(c *placementv1alpha1.Candidate) string {
	return fmt.Sprintf("%d/%d", c.ReadyNodes, c.Nodes)
}

// fits says whether the pods could run on a build, and whether they would have to wait there.
func fits(c *placementv1alpha1.Candidate) string {
	switch {
	case c.Fits && c.Ready:
		return "yes"
	case c.Fits:
		return "not now"
	}
	return "no"
}
