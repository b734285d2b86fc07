package app

import (
	"net/http"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/mullion-dev/mullion/pkg/admission"
	"github.com/mullion-dev/mullion/pkg/machineset"
	"github.com/mullion-dev/mullion/pkg/mutate"
	"github.com/mullion-dev/mullion/pkg/placement"
	"github.com/mullion-dev/mullion/pkg/validate"
)

// newEndpoints are the handlers of admission reviews, by the last element of the paths that the webhook
// configurations name.
func newEndpoints(evaluator *placement.Evaluator, o *options, log logr.Logger) (map[string]http.Handler, error) {
	reviews, err := admission.NewMetrics(metrics.Registry)
	if err != nil {
		return nil, err
	}
	decisions, err := placement.NewMetrics(metrics.Registry)
	if err != nil {
		return nil, err
	}
	reviewers := map[string]admission.Reviewer{
		"mutate-pods":        &mutate.PodReviewer{Evaluator: evaluator, Observer: decisions.Stage("mutate")},
		"mutate-daemonsets":  &mutate.DaemonSetReviewer{Evaluator: evaluator},
		"validate-pods":      &validate.PodReviewer{Evaluator: evaluator, Observer: decisions.Stage("validate")},
		"validate-workloads": &validate.WorkloadReviewer{Evaluator: evaluator},
	}
	if o.machineSets {
		reviewers["validate-machinesets"] = machineset.Reviewer{}
	}
	endpoints := map[string]http.Handler{}
	for name, reviewer := range reviewers {
		endpoints[name] = admission.NewHandler(reviewer, admission.Options{
			MaxInFlight: o.maxInFlight,
			Logger:      log.WithName(name),
			Observer:    reviews.Endpoint(name),
		})
	}
	return endpoints, nil
}
