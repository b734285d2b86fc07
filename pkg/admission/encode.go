package admission

import (
	"encoding/json"
	"fmt"

	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
)

// encodeReview writes the JSON of the AdmissionReview that answers the request with the given uid.
// The encoder is encoding/json because it is the one for which Kubernetes' types and their omitempty are made.
func encodeReview(uid types.UID, response *Response) ([]byte, error) {
	wire := admissionv1.AdmissionResponse{
		UID:              uid,
		Allowed:          response.Allowed,
		AuditAnnotations: response.AuditAnnotations,
		Warnings:         fitWarnings(response.Warnings),
	}
	if !response.Allowed {
		wire.Result = response.status()
	} else if len(response.Patch) > 0 {
		patch, err := json.Marshal(response.Patch)
		if err != nil {
			return nil, fmt.Errorf("encoding the patch: %w", err)
		}
		wire.Patch, wire.PatchType = patch, ptr.To(admissionv1.PatchTypeJSONPatch)
	}
	body, err := json.Marshal(admissionv1.AdmissionReview{
		TypeMeta: metav1.TypeMeta{APIVersion: reviewAPIVersion, Kind: reviewKind},
		Response: &wire,
	})
	if err != nil {
		return nil, fmt.Errorf("encoding the AdmissionReview: %w", err)
	}
	return body, nil
}
