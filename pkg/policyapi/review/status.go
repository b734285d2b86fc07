package review

import (
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/admission"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/validate"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// status puts into words of the API what admission makes of a pod, or of an object that makes such pods.
func (s *sitting) status(pod *admitted, object *workload.Object, patch []admission.Operation,
	target placementv1alpha1.PatchTarget, warnings []validate.Warning,
) (placementv1alpha1.PlacementReviewStatus, error) {
	decision := &pod.decision
	status := placementv1alpha1.PlacementReviewStatus{
		Allowed: !pod.verdict.Refused,
		Windows: decision.Windows,
		Policy:  decision.Policy,
		Mode:    string(decision.Mode),
		Images:  s.facts(),
		Notes:   s.notes,
	}
	if inferred(decision) {
		status.Notes = append(status.Notes, "the pods do not say what operating system they are for: what is concluded from their images "+
			"takes effect where admission is shown such pods, as the component inference has it")
	}
	if choice := decision.Choice(); choice != nil {
		status.Build, status.RuntimeClass = choice.Build.String(), choice.RuntimeClass
	}
	if denial := pod.verdict.Denial; denial != nil {
		moved := *denial
		if moved.Field != "" {
			moved.Field = object.Field(moved.Field)
		}
		finding := findingOf(&moved, moved.String())
		status.Denial = &finding
	}
	for i := range warnings {
		status.Warnings = append(status.Warnings, findingOf(&warnings[i].Finding, warnings[i].Text))
	}
	for i := range decision.Candidates {
		candidate := candidateOf(&decision.Candidates[i])
		candidate.Chosen = i == decision.Chosen
		status.Candidates = append(status.Candidates, candidate)
	}
	var err error
	if status.Patch, err = operationsOf(patch); err != nil {
		return placementv1alpha1.PlacementReviewStatus{}, err
	}
	if len(patch) > 0 {
		status.PatchTarget = target
	}
	return status, nil
}

// inferred tells that a decision has changed pods that do not say themselves what they are for.
func inferred(decision *policy.Decision) bool {
	return decision.Edits.OS != "" || !decision.Windows && !decision.Edits.Empty()
}

func findingOf(finding *policy.Finding, message string) placementv1alpha1.Finding {
	return placementv1alpha1.Finding{
		Reason:  string(finding.Reason),
		Field:   finding.Field,
		Problem: finding.Problem,
		Context: finding.Context,
		Fix:     finding.Fix,
		Message: message,
	}
}

func candidateOf(c *policy.Candidate) placementv1alpha1.Candidate {
	release, _ := policy.LookupRelease(c.Build)
	return placementv1alpha1.Candidate{
		Build:        c.Build.String(),
		Release:      release.Name,
		State:        string(c.State),
		Isolation:    string(c.Isolation),
		RuntimeClass: c.RuntimeClass,
		Nodes:        int32(c.Nodes),     //nolint:gosec // A cluster has a few thousand.
		ReadyNodes:   int32(c.Available), //nolint:gosec // As above.
		Fits:         c.Fits,
		Ready:        c.Ready,
		Reason:       string(c.Reason),
		Message:      c.Message(),
	}
}

func operationsOf(patch []admission.Operation) ([]placementv1alpha1.PatchOperation, error) {
	operations := make([]placementv1alpha1.PatchOperation, 0, len(patch))
	for _, operation := range patch {
		converted := placementv1alpha1.PatchOperation{Op: operation.Op, Path: operation.Path}
		if operation.Value != nil {
			raw, err := json.Marshal(operation.Value)
			if err != nil {
				return nil, fmt.Errorf("encoding the value of %s: %w", operation.Path, err)
			}
			converted.Value = &runtime.RawExtension{Raw: raw}
		}
		operations = append(operations, converted)
	}
	return operations, nil
}

func factsOf(reference string, answer ImageAnswer) placementv1alpha1.ImageFacts {
	facts := placementv1alpha1.ImageFacts{Reference: reference, Credentials: answer.Credentials}
	if problem := answer.Problem; problem != nil {
		facts.Problem = &placementv1alpha1.ImageProblem{Reason: string(problem.Reason), Message: problem.Message}
		return facts
	}
	image := answer.Image
	if image == nil {
		return facts
	}
	facts.Digest, facts.Index, facts.Stale = image.Digest, image.Index, image.Stale
	for i := range image.Platforms {
		p := &image.Platforms[i]
		facts.Platforms = append(facts.Platforms, placementv1alpha1.Platform{
			OS: p.OS, Architecture: p.Architecture, OSVersion: p.OSVersion, OSFeatures: p.OSFeatures, Digest: p.Digest,
		})
	}
	return facts
}
