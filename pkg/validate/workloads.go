package validate

import (
	"context"

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
	verdict := JudgeTemplate(&decision, object)
	return admission.Response{Allowed: true, Warnings: verdict.texts()}, nil
}
