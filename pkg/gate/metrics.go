package gate

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what a gate shows of itself. Neither pods nor images are named.
type metrics struct {
	verdicts *prometheus.CounterVec
	seconds  prometheus.Histogram
}

func newMetrics(registerer prometheus.Registerer) (*metrics, error) {
	const namespace, subsystem = "mullion", "gate"
	m := &metrics{
		verdicts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "verdicts_total",
			Help: "Times that the gate was asked whether nodes may go, by the answer and the reason of the first pod that keeps it closed.",
		}, []string{"verdict", "reason"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "duration_seconds", Help: "Seconds until the gate has answered.",
			Buckets: prometheus.ExponentialBuckets(0.01, 2, 13), // Up to 41 seconds.
		}),
	}
	for _, collector := range []prometheus.Collector{m.verdicts, m.seconds} {
		if err := registerer.Register(collector); err != nil {
			return nil, fmt.Errorf("registering metrics of the gate: %w", err)
		}
	}
	return m, nil
}

func (m *metrics) answered(took time.Duration, v *Verdict, err error) {
	m.seconds.Observe(took.Seconds())
	switch {
	case err != nil:
		m.verdicts.WithLabelValues("Error", "").Inc()
	case len(v.Stranded) > 0:
		m.verdicts.WithLabelValues("Stranded", string(v.Stranded[0].Finding.Reason)).Inc()
	case len(v.Unknown) > 0:
		m.verdicts.WithLabelValues("Unknown", string(v.Unknown[0].Finding.Reason)).Inc()
	default:
		m.verdicts.WithLabelValues("Open", "").Inc()
	}
}
