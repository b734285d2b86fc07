package admission

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	admissionv1 "k8s.io/api/admission/v1"
)

// Metrics counts and times reviews. Its labels are an endpoint of this process, an operation and a verdict:
// nothing in them comes from a request.
type Metrics struct {
	reviews  *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

// NewMetrics registers the metrics of admission endpoints.
func NewMetrics(registerer prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{
		reviews: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mullion_admission_reviews_total",
			Help: "Admission reviews answered, by endpoint, operation and verdict.",
		}, []string{"endpoint", "operation", "verdict"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "mullion_admission_review_duration_seconds",
			Help: "Time from the arrival of an admission review to its answer, by endpoint.",
			// From what a decision costs to the longest that an API server waits.
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"endpoint"}),
	}
	for _, collector := range []prometheus.Collector{m.reviews, m.duration} {
		if err := registerer.Register(collector); err != nil {
			return nil, fmt.Errorf("registering admission metrics: %w", err)
		}
	}
	return m, nil
}

// Endpoint observes the reviews of one endpoint, such as "mutate".
func (m *Metrics) Endpoint(name string) Observer {
	return &endpointMetrics{
		reviews:  m.reviews.MustCurryWith(prometheus.Labels{"endpoint": name}),
		duration: m.duration.WithLabelValues(name),
	}
}

type endpointMetrics struct {
	reviews  *prometheus.CounterVec
	duration prometheus.Observer
}

func (m *endpointMetrics) ObserveReview(operation admissionv1.Operation, verdict Verdict, elapsed time.Duration) {
	if operation == "" {
		operation = "unknown"
	}
	m.reviews.WithLabelValues(string(operation), string(verdict)).Inc()
	m.duration.Observe(elapsed.Seconds())
}
