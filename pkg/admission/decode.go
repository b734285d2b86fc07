package admission

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// The only review that is read. The API server sends the first version that it knows of those that the
// webhook configuration lists, and has sent this one since Kubernetes 1.16.
const (
	reviewAPIVersion = "admission.k8s.io/v1"
	reviewKind       = "AdmissionReview"
)

// reviewWire is the part of an AdmissionReview that is read.
type reviewWire struct {
	APIVersion string       `json:"apiVersion"`
	Kind       string       `json:"kind"`
	Request    *requestWire `json:"request"`
}

type requestWire struct {
	UID         types.UID                   `json:"uid"`
	Kind        metav1.GroupVersionKind     `json:"kind"`
	Resource    metav1.GroupVersionResource `json:"resource"`
	SubResource string                      `json:"subResource"`
	Namespace   string                      `json:"namespace"`
	Name        string                      `json:"name"`
	Operation   admissionv1.Operation       `json:"operation"`
	UserInfo    struct {
		Username string `json:"username"`
	} `json:"userInfo"`
	Object    span `json:"object"`
	OldObject span `json:"oldObject"`
	DryRun    bool `json:"dryRun"`
}

// span is where a value stands in the document. The objects of a review are most of it, so they are left
// where they are rather than copied, for the one who needs them to decode.
type span struct{ start, end int64 }

// UnmarshalJSONFrom notes where the value stands. A null is no value.
func (s *span) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	value, err := decoder.ReadValue()
	if err != nil {
		return err
	}
	*s = span{}
	if value.Kind() != jsontext.KindNull {
		s.end = decoder.InputOffset()
		s.start = s.end - int64(len(value))
	}
	return nil
}

func (s span) of(document []byte) []byte {
	if s.end == 0 {
		return nil
	}
	return document[s.start:s.end:s.end]
}

// decodeReview reads a request from the JSON of an AdmissionReview. Its objects are slices of body; nothing else
// refers to it. The objects are checked to be JSON here, and read by the methods of [Request].
func decodeReview(body []byte) (*Request, error) {
	var wire reviewWire
	// To check the names in a pod's managed fields for uniqueness costs a quarter of the time, and decoding
	// the object checks those that matter.
	if err := json.Unmarshal(body, &wire, jsontext.AllowDuplicateNames(true)); err != nil {
		return nil, fmt.Errorf("decoding AdmissionReview: %w", err)
	}
	if wire.APIVersion != reviewAPIVersion || wire.Kind != reviewKind {
		return nil, fmt.Errorf("this endpoint reviews %s %s, not %.64q %.64q", reviewAPIVersion, reviewKind, wire.APIVersion, wire.Kind)
	}
	if wire.Request == nil {
		return nil, errors.New("the AdmissionReview has no request")
	}
	request := &Request{
		UID:         wire.Request.UID,
		Kind:        schema.GroupVersionKind(wire.Request.Kind),
		Resource:    schema.GroupVersionResource(wire.Request.Resource),
		SubResource: wire.Request.SubResource,
		Namespace:   wire.Request.Namespace,
		Name:        wire.Request.Name,
		Operation:   wire.Request.Operation,
		DryRun:      wire.Request.DryRun,
		Username:    wire.Request.UserInfo.Username,
		Object:      wire.Request.Object.of(body),
		OldObject:   wire.Request.OldObject.of(body),
	}
	return request, request.validate()
}

// validate refuses requests that no API server sends, before a reviewer has to wonder.
func (r *Request) validate() error {
	if r.UID == "" {
		return errors.New("the request has no uid, so it cannot be answered")
	}
	switch r.Operation {
	case admissionv1.Create, admissionv1.Update:
		if r.Object == nil {
			return fmt.Errorf("the request to %s has no object", r.Operation)
		}
	case admissionv1.Delete, admissionv1.Connect:
	default:
		return fmt.Errorf("the request has the unknown operation %.64q", r.Operation)
	}
	return nil
}
