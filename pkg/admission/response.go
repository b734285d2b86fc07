package admission

import (
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Response is a [Reviewer]'s verdict.
type Response struct {
	Allowed bool
	// Message says why the request is denied and what would help. The API server puts
	// `admission webhook "…" denied the request: ` before it.
	Message string
	// Reason and Code class a denial for programs. They are Forbidden and 403 unless set; a code below 400
	// counts as not set.
	Reason metav1.StatusReason
	Code   int32
	// Causes names the fields that a denial is about.
	Causes []metav1.StatusCause
	// Warnings are shown to whoever made the request, allowed or not. The longest come through whole as
	// long as all together have no more than 4,096 characters.
	Warnings []string
	// AuditAnnotations go to the API server's audit log, whoever made the request. Keys are prefixed with
	// the webhook's name by the API server; they must be unique and are at most 63 characters.
	AuditAnnotations map[string]string
	// Patch changes the object. It is left out of a denial. The API server refuses one from a validating webhook.
	Patch []Operation
}

// Allow lets a request pass as it is.
func Allow() Response { return Response{Allowed: true} }

// Deny refuses a request as Forbidden.
func Deny(message string) Response { return Response{Message: message} }

// verdict is the class of a response.
func (r *Response) verdict() Verdict {
	switch {
	case !r.Allowed:
		return VerdictDenied
	case len(r.Patch) > 0:
		return VerdictPatched
	default:
		return VerdictAllowed
	}
}

// status is what the API server shows of a denial.
func (r *Response) status() *metav1.Status {
	status := &metav1.Status{
		Status:  metav1.StatusFailure,
		Message: r.Message,
		Reason:  r.Reason,
		Code:    r.Code,
	}
	if status.Reason == "" {
		status.Reason = metav1.StatusReasonForbidden
	}
	if status.Code < http.StatusBadRequest {
		status.Code = http.StatusForbidden
	}
	if len(r.Causes) > 0 {
		status.Details = &metav1.StatusDetails{Causes: r.Causes}
	}
	return status
}
