package fleet

import (
	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/impact"
)

// impactOf is what a change would mean, as it is shown.
func impactOf(report *impact.Report, s *state, assume *placementv1alpha1.Assumptions) *Report {
	r := newReport()
	r.Notes = s.notes
	r.Impact = &Impact{
		Assume: assume, Workloads: report.Total.Workloads, Pods: report.Total.Pods, Outcomes: map[string]Tally{},
		Stranded: workloadsOf(report.Stranded), Unknown: workloadsOf(report.Unknown),
	}
	for outcome, tally := range report.Outcomes {
		r.Impact.Outcomes[string(outcome)] = Tally(tally)
	}
	return r
}

func workloadsOf(results []impact.Result) []Workload {
	shown := make([]Workload, len(results))
	for i := range results {
		result := &results[i]
		shown[i] = Workload{
			Namespace: result.Namespace, Owner: result.Owner.String(), Pods: result.Count, Samples: result.Samples,
			Already: result.Already(), Policy: result.Then.Policy, Mode: string(result.Then.Mode), Image: result.Then.Image,
		}
		for _, on := range result.Builds {
			shown[i].Builds = append(shown[i].Builds, on.Build.String())
		}
		if finding := result.Then.Finding; finding != nil {
			shown[i].Reason = string(finding.Reason)
			shown[i].Problem, shown[i].Context, shown[i].Fix = finding.Problem, finding.Context, finding.Fix
		}
	}
	return shown
}
