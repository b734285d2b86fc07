package policystatus

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/impact"
	"github.com/mullion-dev/mullion/pkg/impact/census"
	"github.com/mullion-dev/mullion/pkg/impact/inventory"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// addWorkloads adds to each build who depends on it, where that has been counted.
func addWorkloads(status *v1alpha1.WindowsBuildPolicyStatus, compiled *policy.Policy, count *census.Count) {
	if count == nil {
		return
	}
	var stranded []string
	for i := range status.Builds {
		d := count.Dependents[impact.Dependency{Policy: compiled.Name, Build: compiled.Builds[i].Build}]
		if d == nil {
			continue // A policy that has just come to offer the build.
		}
		status.Builds[i].Workloads = workloadsOf(d)
		if d.Pods > 0 {
			stranded = append(stranded, fmt.Sprintf("%s (%d/%d)", status.Builds[i].Build, d.Stranded, d.Pods))
		}
	}
	status.StrandedSummary = strings.Join(stranded, ", ")
}

func workloadsOf(d *impact.Dependent) *v1alpha1.BuildWorkloads {
	names := namesOf(d.Workloads)
	shown := names[:min(len(names), v1alpha1.MaxStrandedNames)]
	return &v1alpha1.BuildWorkloads{
		Pods:         int32(d.Pods),                  //nolint:gosec // A cluster has fewer than two thousand million pods.
		StrandedPods: int32(d.Stranded),              //nolint:gosec // As above.
		UnknownPods:  int32(d.Unknown),               //nolint:gosec // As above.
		MoreStranded: int32(len(names) - len(shown)), //nolint:gosec // As above.
		Stranded:     shown,
	}
}

// namesOf names workloads, sorted, each once: those of one owner may be several.
func namesOf(workloads []*impact.Workload) []string {
	var names []string
	for _, w := range workloads {
		names = append(names, w.Namespace+"/"+w.Owner.String())
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// workloadsCounted says whether the status's workloads are those of the cluster.
func workloadsCounted(compiled *policy.Policy, count *census.Count) metav1.Condition {
	const kind = v1alpha1.ConditionWorkloadsCounted
	if p := count.Problem; p != nil {
		return condition(kind, metav1.ConditionFalse, v1alpha1.ReasonCountingFailed, countingFailed(p))
	}
	if count.Dependents == nil {
		return condition(kind, metav1.ConditionUnknown, v1alpha1.ReasonNotCountedYet, "The workloads are being counted.")
	}
	pods := 0
	var images []string
	for i := range compiled.Builds {
		if d := count.Dependents[impact.Dependency{Policy: compiled.Name, Build: compiled.Builds[i].Build}]; d != nil {
			pods += d.Unknown
			images = append(images, d.Images...)
		}
	}
	if len(images) == 0 {
		return condition(kind, metav1.ConditionTrue, v1alpha1.ReasonCounted, "The workloads have been counted.")
	}
	slices.Sort(images)
	images = slices.Compact(images)
	return condition(kind, metav1.ConditionTrue, v1alpha1.ReasonImagesUnresolved, fmt.Sprintf(
		"Of %d pods it cannot be told whether they would be stranded, because %d images could not be inspected, such as %q.",
		pods, len(images), images[0]))
}

// countingFailed says why workloads are not counted, and from when those are that are shown.
func countingFailed(p *census.Problem) string {
	var tooMany *inventory.TooManyError
	switch {
	case errors.As(p.Err, &tooMany):
		return fmt.Sprintf("The workloads are not counted: %v.", p.Err)
	case p.Last.IsZero():
		return fmt.Sprintf("The workloads could not be counted yet: %v.", p.Err)
	default:
		return fmt.Sprintf("The workloads are those of %s and could not be counted since: %v.", p.Last.UTC().Format(time.RFC3339), p.Err)
	}
}
