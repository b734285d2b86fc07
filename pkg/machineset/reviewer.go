package machineset

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/mullion-dev/mullion/pkg/admission"
)

// Reviewer refuses sets of Windows machines that would make machines which never become nodes.
type Reviewer struct{}

var _ admission.Reviewer = Reviewer{}

// Review answers one request about a set of machines.
func (Reviewer) Review(_ context.Context, request *admission.Request) (admission.Response, error) {
	set, err := decode("object", request, request.Object)
	if err != nil {
		return admission.Response{}, err
	}
	errs := Validate(set)
	if len(errs) > 0 && request.OldObject != nil {
		old, err := decode("oldObject", request, request.OldObject)
		if err != nil {
			return admission.Response{}, err
		}
		errs = NewErrors(set, old)
	}
	if len(errs) == 0 {
		return admission.Allow(), nil
	}
	return denial(errs), nil
}

// decode reads an object of the request. Its kind and its name are the request's, which the object may not tell yet.
func decode(of string, request *admission.Request, raw []byte) (*unstructured.Unstructured, error) {
	set := &unstructured.Unstructured{}
	if err := json.Unmarshal(raw, &set.Object); err != nil {
		return nil, &admission.BadRequestError{Err: fmt.Errorf("%s: %w", of, err)}
	}
	if set.Object == nil {
		return nil, &admission.BadRequestError{Err: fmt.Errorf("%s: it is null", of)}
	}
	set.SetGroupVersionKind(request.Kind)
	if set.GetName() == "" && request.Name != "" {
		set.SetName(request.Name)
	}
	return set, nil
}

// denial tells all errors at once.
func denial(errs field.ErrorList) admission.Response {
	texts := make([]string, len(errs))
	causes := make([]metav1.StatusCause, len(errs))
	for i, err := range errs {
		texts[i] = err.Error()
		causes[i] = metav1.StatusCause{Type: metav1.CauseType(err.Type), Message: err.ErrorBody(), Field: err.Field}
	}
	response := admission.Deny(strings.Join(texts, "; "))
	response.Reason, response.Code = metav1.StatusReasonInvalid, http.StatusUnprocessableEntity
	response.Causes = causes
	return response
}
