package validate

import (
	"context"

	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/pkg/admission"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// Evaluator decides about pods.
type Evaluator interface {
	Evaluate(ctx context.Context, pod *workload.Pod, subject policy.Subject) (policy.Decision, error)
}

// Observer is told of every decision that was made.
type Observer interface {
	ObserveDecision(decision *policy.Decision)
}

// Audit annotations.
const (
	// AuditPolicy names the policy in force and its mode.
	AuditPolicy = "policy"
	// AuditDenial says why a pod was refused, or would have been.
	AuditDenial = "denial"
)

// PodReviewer judges pods as they will be stored.
type PodReviewer struct {
	Evaluator Evaluator
	Observer  Observer
}

// Review answers one request about a pod.
func (r *PodReviewer) Review(ctx context.Context, request *admission.Request) (admission.Response, error) {
	pod, err := request.Pod()
	if err != nil {
		return admission.Response{}, err
	}
	subject := policy.NewPod
	if request.Operation == admissionv1.Update {
		old, err := request.OldPod()
		if err != nil {
			return admission.Response{}, err
		}
		if pod = withChangedImages(pod, old); pod == nil {
			return admission.Allow(), nil
		}
		subject = policy.ExistingPod
	}
	decision, err := r.Evaluator.Evaluate(ctx, pod, subject)
	if err != nil {
		return admission.Response{}, err
	}
	r.Observer.ObserveDecision(&decision)
	if !decision.Windows {
		return admission.Allow(), nil
	}
	verdict := JudgePod(&decision, pod)
	return verdict.response(&decision), nil
}

// response tells the API server.
func (v *Verdict) response(decision *policy.Decision) admission.Response {
	response := admission.Response{
		Allowed:          !v.Refused,
		Warnings:         v.texts(),
		AuditAnnotations: map[string]string{AuditPolicy: decision.Policy + " (" + string(decision.Mode) + ")"},
	}
	if v.Denial != nil {
		response.AuditAnnotations[AuditDenial] = v.Denial.String()
	}
	if !v.Refused {
		return response
	}
	response.Message = v.Denial.String()
	if v.Denial.Field != "" {
		response.Causes = []metav1.StatusCause{{
			Type:    metav1.CauseType(v.Denial.Reason),
			Message: v.Denial.Problem,
			Field:   v.Denial.Field,
		}}
	}
	return response
}
