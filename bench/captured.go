// Package bench holds what the benchmarks below it share.
package bench

import _ "embed"

// PodCreate is an AdmissionReview as an API server sent it when a ReplicaSet's controller created a Windows pod of
// two containers. It must not be changed.
//
//go:embed testdata/admissionreview-pod-create.json
var PodCreate []byte
