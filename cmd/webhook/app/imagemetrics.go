package app

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mullion-dev/mullion/pkg/image"
)

// imageMetrics counts and times what is asked about images. Its labels are the words of package image, never
// the name of an image or a registry.
type imageMetrics struct {
	answers  *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

func newImageMetrics(registerer prometheus.Registerer) (*imageMetrics, error) {
	m := &imageMetrics{
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mullion_image_answers_total",
			Help: "Questions about images, by where the answer came from and what it was.",
		}, []string{"source", "outcome"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "mullion_image_lookup_duration_seconds",
			Help:    "Time that registries take to tell about an image, by outcome.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"outcome"}),
	}
	for _, collector := range []prometheus.Collector{m.answers, m.duration} {
		if err := registerer.Register(collector); err != nil {
			return nil, fmt.Errorf("registering metrics of images: %w", err)
		}
	}
	return m, nil
}

// Answered counts one answer.
func (m *imageMetrics) Answered(source image.Source, outcome image.Outcome) {
	m.answers.WithLabelValues(string(source), string(outcome)).Inc()
}

// LookedUp times one look-up.
func (m *imageMetrics) LookedUp(outcome image.Outcome, took time.Duration) {
	m.duration.WithLabelValues(string(outcome)).Observe(took.Seconds())
}
