// Package bench holds what the benchmarks below it share.
package bench

import (
	_ "embed"
	"encoding/json"
	"fmt"

	admissionv1 "k8s.io/api/admission/v1"

	"github.com/mullion-dev/mullion/pkg/workload"
)

// PodCreate is an AdmissionReview as an API server sent it when a ReplicaSet's controller created a Windows pod of
// two containers. It must not be changed.
//
//go:embed testdata/admissionreview-pod-create.json
var PodCreate []byte

// CapturedPod is the part of the pod in [PodCreate] that decisions read, as a copy of its own.
func CapturedPod() (*workload.Pod, error) {
	var review admissionv1.AdmissionReview
	if err := json.Unmarshal(PodCreate, &review); err != nil {
		return nil, fmt.Errorf("reading the captured review: %w", err)
	}
	pod, err := workload.Decode(review.Request.Object.Raw)
	if err != nil {
		return nil, fmt.Errorf("reading the captured pod: %w", err)
	}
	return pod, nil
}
