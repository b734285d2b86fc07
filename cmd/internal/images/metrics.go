package images

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mullion-dev/mullion/pkg/image"
)

// recorder counts and times what is asked about images. Its labels are the words of package image, never
// the name of an image or a registry.
type recorder struct {
	answers  *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

func newRecorder(registerer prometheus.Registerer) (*recorder, error) {
	r := &recorder{
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
	for _, collector := range []prometheus.Collector{r.answers, r.duration} {
		if err := registerer.Register(collector); err != nil {
			return nil, fmt.Errorf("registering metrics of images: %w", err)
		}
	}
	return r, nil
}

// Answered counts one answer.
func (r *recorder) Answered(source image.Source, outcome image.Outcome) {
	r.answers.WithLabelValues(string(source), string(outcome)).Inc()
}

// LookedUp times one look-up.
func (r *recorder) LookedUp(outcome image.Outcome, took time.Duration) {
	r.duration.WithLabelValues(string(outcome)).Observe(took.Seconds())
}
