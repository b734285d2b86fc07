package admission

import (
	"context"
	"fmt"

	admissionv1 "k8s.io/api/admission/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mullion-dev/mullion/pkg/workload"
)

// Reviewer judges admission requests. It is called by many goroutines at once.
//
// The context ends before the API server stops waiting; a Reviewer that outlives it delays its own answer only.
// An error means that the request could not be evaluated, and leaves the outcome to the webhook's failurePolicy;
// its text is shown to the user. A denial is a [Response], not an error.
type Reviewer interface {
	Review(ctx context.Context, request *Request) (Response, error)
}

// Request is what a [Reviewer] may want to know of an AdmissionRequest.
type Request struct {
	UID         types.UID
	Kind        schema.GroupVersionKind
	Resource    schema.GroupVersionResource
	SubResource string
	// Namespace is where the object is or will be. The object itself may not say so yet.
	Namespace string
	// Name is empty on CREATE if the API server is to generate it.
	Name      string
	Operation admissionv1.Operation
	// DryRun tells that nothing will be stored. Reviewers without side effects need not look.
	DryRun bool
	// Username is who makes the request: for most pods the controller that owns them.
	Username string
	// Object is the JSON of the object, nil on DELETE. It is valid until Review returns: its memory is
	// then used for another request.
	Object []byte
	// OldObject is the JSON of the object as it is stored, on UPDATE and DELETE. It is valid as long as Object.
	OldObject []byte
}

// Pod decodes the pod under review. What it returns is the caller's, and outlives the request. The pod's
// namespace is the request's. An object that is no pod or cannot be read is a [*BadRequestError].
func (r *Request) Pod() (*workload.Pod, error) {
	return r.pod("object", r.Object)
}

// OldPod decodes the pod as it is stored, like [Request.Pod].
func (r *Request) OldPod() (*workload.Pod, error) {
	return r.pod("oldObject", r.OldObject)
}

// Workload decodes the object under review, be it a pod or one that makes pods, like [Request.Pod].
func (r *Request) Workload() (*workload.Object, error) {
	object, err := workload.DecodeObject(r.Kind.GroupKind(), r.Object)
	if err != nil {
		return nil, &BadRequestError{fmt.Errorf("object: %w", err)}
	}
	object.Metadata.Namespace = r.Namespace
	object.Template.Metadata.Namespace = r.Namespace
	return object, nil
}

func (r *Request) pod(field string, raw []byte) (*workload.Pod, error) {
	if r.Kind.Group != "" || r.Kind.Kind != "Pod" {
		return nil, &BadRequestError{fmt.Errorf("%s: a %s is no pod", field, r.Kind.GroupKind())}
	}
	pod, err := workload.Decode(raw)
	if err != nil {
		return nil, &BadRequestError{fmt.Errorf("%s: %w", field, err)}
	}
	pod.Metadata.Namespace = r.Namespace
	return pod, nil
}

// BadRequestError tells that a request makes no sense, as opposed to one that could not be evaluated.
type BadRequestError struct {
	Err error
}

func (e *BadRequestError) Error() string { return e.Err.Error() }

func (e *BadRequestError) Unwrap() error { return e.Err }
