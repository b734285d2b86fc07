package validate

import (
	"context"

	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
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
	response := verdictOf(&decision)
	if response.Allowed && decision.Mode != v1alpha1.ModeAudit {
		response.Warnings = append(response.Warnings, podWarnings(pod)...)
	}
	return response, nil
}

// verdictOf carries a decision out as its policy's mode wants.
func verdictOf(decision *policy.Decision) admission.Response {
	response := admission.Allow()
	response.AuditAnnotations = map[string]string{AuditPolicy: decision.Policy + " (" + string(decision.Mode) + ")"}
	denial := decision.Denial
	if denial == nil {
		denial = decision.Unplaced()
	}
	if denial != nil {
		response.AuditAnnotations[AuditDenial] = denial.String()
	}
	switch decision.Mode {
	case v1alpha1.ModeAudit:
		return response
	case v1alpha1.ModeWarn:
		if denial != nil {
			response.Warnings = append(response.Warnings, wouldBeRefused("this pod", decision.Policy)+denial.String())
		}
	default:
		if denial != nil {
			return deny(denial, response.AuditAnnotations)
		}
	}
	response.Warnings = append(response.Warnings, sentences(decision.Warnings)...)
	return response
}

// wouldBeRefused begins the warning that a policy which only warns gives in place of a denial.
func wouldBeRefused(what, policy string) string {
	return what + " would be refused if policy " + policy + " were enforced: "
}

func deny(denial *policy.Finding, annotations map[string]string) admission.Response {
	response := admission.Deny(denial.String())
	response.AuditAnnotations = annotations
	if denial.Field != "" {
		response.Causes = []metav1.StatusCause{{
			Type:    metav1.CauseType(denial.Reason),
			Message: denial.Problem,
			Field:   denial.Field,
		}}
	}
	return response
}

func sentences(findings []policy.Finding) []string {
	texts := make([]string, len(findings))
	for i := range findings {
		texts[i] = findings[i].String()
	}
	return texts
}
