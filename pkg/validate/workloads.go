package validate

import (
	"context"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/admission"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// WorkloadReviewer tells whoever applies a Deployment, or anything else that makes pods, what would become of
// its pods. It neither refuses nor changes anything, so that what is stored is what was applied.
type WorkloadReviewer struct {
	Evaluator Evaluator
}

// Review answers one request about a workload object.
func (r *WorkloadReviewer) Review(ctx context.Context, request *admission.Request) (admission.Response, error) {
	object, err := request.Workload()
	if err != nil {
		return admission.Response{}, err
	}
	decision, err := r.Evaluator.Evaluate(ctx, object.Template, policy.Template)
	if err != nil {
		return admission.Response{}, err
	}
	response := admission.Allow()
	if !decision.Windows || decision.Mode == v1alpha1.ModeAudit {
		return response, nil
	}
	var findings []policy.Finding
	if decision.Denial != nil {
		findings = append(findings, *decision.Denial)
	}
	findings = append(findings, decision.Warnings...)
	if object.Kind.Kind == "DaemonSet" && decision.Mislead != nil {
		findings = append(findings, *decision.Mislead)
	}
	for i := range findings {
		if findings[i].Field != "" {
			findings[i].Field = object.Field(findings[i].Field)
		}
	}
	response.Warnings = sentences(findings)
	if decision.Denial != nil && decision.Mode == v1alpha1.ModeWarn {
		response.Warnings[0] = wouldBeRefused("a pod of this", decision.Policy) + response.Warnings[0]
	}
	response.Warnings = append(response.Warnings, templateWarnings(object)...)
	return response, nil
}
