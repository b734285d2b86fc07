package impact

import (
	"fmt"

	"github.com/mullion-dev/mullion/pkg/policy"
)

// JudgeEvicted is [Comparison.Judge] for a workload whose pods are evicted for the change: all of them are made again,
// at once, and the policy places them by what is so at that time. That matters in two cases.
//
// Where an image could not be inspected it is not enough that the pods' builds would take them, as it is for pods that
// are left alone: the policy has to admit them without knowing the image, and to choose these builds again. It may
// have chosen them by an image that could be inspected then.
//
// Where no node that takes the pods is available, the policy may choose a build that has no such node at all. Pods that
// were placed for it stay Pending whatever comes back, and so are stranded.
func (c *Comparison) JudgeEvicted(w *Workload) (Result, error) {
	result, err := c.compare(w)
	if err != nil {
		return result, err
	}
	then := &result.Then
	switch {
	case then.Outcome == Unknown && result.returns():
		then.Outcome, then.Image, then.Finding = Untouched, "", nil
	case then.Outcome == Placed && then.choice != then.Build:
		then.misplace()
	}
	return result, nil
}

// returns tells that the pods would be placed again for the one build that they are on.
func (r *Result) returns() bool {
	return len(r.Builds) == 1 && r.Builds[0].Build == r.Then.choice && r.stays()
}

// misplace says that pods which have somewhere to go would be sent elsewhere.
func (v *Verdict) misplace() {
	v.Outcome = Stranded
	v.Finding = &policy.Finding{
		Reason: policy.ReasonNoReadyNode,
		Problem: fmt.Sprintf("no node of %s that would take the pods is available just now, and policy %q would place them for %s, of which there is none",
			v.Build.Describe(), v.Policy, v.choice.Describe()),
		Fix: fmt.Sprintf("wait until a node of %s is available, or let the policy list that build first", v.Build.Describe()),
	}
	v.Build = policy.Build{}
}
