package main

import (
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mullion-dev/mullion/bench"
	"github.com/mullion-dev/mullion/pkg/admission"
	"github.com/mullion-dev/mullion/pkg/mutate"
	"github.com/mullion-dev/mullion/pkg/placement"
	"github.com/mullion-dev/mullion/pkg/validate"
)

// ours are the endpoints of this project: everything that the webhook does for a pod whose images it knows.
func ours() []contender {
	return []contender{
		{"mutate", "mullion mutate", endpoint("mutate", func(e *placement.Evaluator, m *placement.StageMetrics) admission.Reviewer {
			return &mutate.PodReviewer{Evaluator: e, Observer: m}
		}), captured},
		{"validate", "mullion validate", endpoint("validate", func(e *placement.Evaluator, m *placement.StageMetrics) admission.Reviewer {
			return &validate.PodReviewer{Evaluator: e, Observer: m}
		}), placed},
	}
}

// endpoint serves a reviewer as cmd/webhook does, metrics and all.
func endpoint(name string, reviewer func(*placement.Evaluator, *placement.StageMetrics) admission.Reviewer) func() (http.Handler, error) {
	return func() (http.Handler, error) {
		registry := prometheus.NewRegistry()
		reviews, err := admission.NewMetrics(registry)
		if err != nil {
			return nil, err
		}
		decisions, err := placement.NewMetrics(registry)
		if err != nil {
			return nil, err
		}
		pod, err := bench.CapturedPod()
		if err != nil {
			return nil, err
		}
		evaluator, err := newEvaluator(pod)
		if err != nil {
			return nil, fmt.Errorf("making what the %s reviewer asks: %w", name, err)
		}
		return admission.NewHandler(reviewer(evaluator, decisions.Stage(name)), admission.Options{Observer: reviews.Endpoint(name)}), nil
	}
}
