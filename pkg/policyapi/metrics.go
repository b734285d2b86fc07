package policyapi

import (
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/prometheus/client_golang/prometheus"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
)

// Outcome is how a review ended.
type Outcome string

const (
	// OutcomeAllowed: admission would let the pods in.
	OutcomeAllowed Outcome = "allowed"
	// OutcomeDenied: admission would refuse them.
	OutcomeDenied Outcome = "denied"
	// OutcomeInvalid: the question makes no sense.
	OutcomeInvalid Outcome = "invalid"
	// OutcomeFailed: the question could not be answered.
	OutcomeFailed Outcome = "failed"
)

// Observer is told how each review ended. It is called by many goroutines at once.
type Observer interface {
	ObserveReview(outcome Outcome, elapsed time.Duration)
}

// Metrics count and time reviews.
type Metrics struct {
	reviews *prometheus.HistogramVec
}

var _ Observer = (*Metrics)(nil)

// NewMetrics registers the metrics.
func NewMetrics(registerer prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{reviews: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "mullion_placement_review_duration_seconds",
		Help:    "Time to answer a PlacementReview, registries included, by how it ended.",
		Buckets: []float64{.0005, .001, .0025, .005, .01, .05, .1, .5, 1, 2.5, 5, 15},
	}, []string{"outcome"})}
	if err := registerer.Register(m.reviews); err != nil {
		return nil, fmt.Errorf("registering metrics of reviews: %w", err)
	}
	return m, nil
}

// ObserveReview counts one review.
func (m *Metrics) ObserveReview(outcome Outcome, elapsed time.Duration) {
	m.reviews.WithLabelValues(string(outcome)).Observe(elapsed.Seconds())
}

// RegisterReadiness shows whether callers can be authenticated, which readiness does not: it is for admission.
func (s *Server) RegisterReadiness(registerer prometheus.Registerer) error {
	gauge := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "mullion_policy_api_ready",
		Help: "Whether callers of the policy API can be authenticated.",
	}, func() float64 {
		if s.Ready() != nil {
			return 0
		}
		return 1
	})
	if err := registerer.Register(gauge); err != nil {
		return fmt.Errorf("registering the readiness of the policy API: %w", err)
	}
	return nil
}

func outcomeOf(answered *placementv1alpha1.PlacementReview, err error) Outcome {
	switch {
	case apierrors.IsInvalid(err):
		return OutcomeInvalid
	case err != nil:
		return OutcomeFailed
	case answered.Status.Allowed:
		return OutcomeAllowed
	default:
		return OutcomeDenied
	}
}
