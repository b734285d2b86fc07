package app

import (
	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	"github.com/mullion-dev/mullion/pkg/admission"
	"github.com/mullion-dev/mullion/pkg/mutate"
	"github.com/mullion-dev/mullion/pkg/placement"
	"github.com/mullion-dev/mullion/pkg/validate"
)

// register serves the reviewers at the paths that the webhook configurations name.
func register(server webhook.Server, evaluator *placement.Evaluator, maxInFlight int, log logr.Logger) error {
	reviews, err := admission.NewMetrics(metrics.Registry)
	if err != nil {
		return err
	}
	decisions, err := placement.NewMetrics(metrics.Registry)
	if err != nil {
		return err
	}
	for endpoint, reviewer := range map[string]admission.Reviewer{
		"mutate-pods":        &mutate.PodReviewer{Evaluator: evaluator, Observer: decisions.Stage("mutate")},
		"mutate-daemonsets":  &mutate.DaemonSetReviewer{Evaluator: evaluator},
		"validate-pods":      &validate.PodReviewer{Evaluator: evaluator, Observer: decisions.Stage("validate")},
		"validate-workloads": &validate.WorkloadReviewer{Evaluator: evaluator},
	} {
		server.Register("/"+endpoint, admission.NewHandler(reviewer, admission.Options{
			MaxInFlight: maxInFlight,
			Logger:      log.WithName(endpoint),
			Observer:    reviews.Endpoint(endpoint),
		}))
	}
	return nil
}
