package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mullion-dev/mullion/pkg/admission"
)

// ours are the endpoints of this project, each given as the [admission.Reviewer] that it serves.
func ours() []contender {
	return []contender{
		{"mutate", "mullion mutate (decode only)", endpoint("mutate", decodeOnly)},
		{"validate", "mullion validate (decode only)", endpoint("validate", decodeOnly)},
	}
}

// endpoint serves a reviewer as cmd/webhook does, metrics and all.
func endpoint(name string, reviewer func() (admission.Reviewer, error)) func() (http.Handler, error) {
	return func() (http.Handler, error) {
		metrics, err := admission.NewMetrics(prometheus.NewRegistry())
		if err != nil {
			return nil, err
		}
		r, err := reviewer()
		if err != nil {
			return nil, fmt.Errorf("making the %s reviewer: %w", name, err)
		}
		return admission.NewHandler(r, admission.Options{Observer: metrics.Endpoint(name)}), nil
	}
}

// decodeOnly reads the pod and lets it pass: what reviewing costs before anything is decided.
func decodeOnly() (admission.Reviewer, error) { return decoder{}, nil }

type decoder struct{}

func (decoder) Review(_ context.Context, request *admission.Request) (admission.Response, error) {
	if _, err := request.Pod(); err != nil {
		return admission.Response{}, err
	}
	return admission.Allow(), nil
}
