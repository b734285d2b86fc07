package census

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mullion-dev/mullion/pkg/impact"
)

// metrics are what a census shows of itself.
type metrics struct {
	workloads, pods prometheus.Gauge
	reads           *prometheus.CounterVec
	seconds         prometheus.Histogram
}

func newMetrics(registerer prometheus.Registerer) (*metrics, error) {
	const namespace, subsystem = "mullion", "census"
	m := &metrics{
		workloads: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "workloads", Help: "Workloads with running Windows pods.",
		}),
		pods: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "pods", Help: "Running Windows pods.",
		}),
		reads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "reads_total", Help: "Times that running pods were read, by whether that succeeded.",
		}, []string{"result"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "read_seconds", Help: "Seconds to read pods and their templates.",
			Buckets: prometheus.ExponentialBuckets(0.05, 2, 12),
		}),
	}
	for _, collector := range []prometheus.Collector{m.workloads, m.pods, m.reads, m.seconds} {
		if err := registerer.Register(collector); err != nil {
			return nil, fmt.Errorf("registering metrics of the census: %w", err)
		}
	}
	return m, nil
}

func (m *metrics) swept(took time.Duration, err error) {
	m.seconds.Observe(took.Seconds())
	result := "success"
	if err != nil {
		result = "failure"
	}
	m.reads.WithLabelValues(result).Inc()
}

func (m *metrics) counted(workloads []*impact.Workload) {
	pods := 0
	for _, w := range workloads {
		pods += w.Count
	}
	m.workloads.Set(float64(len(workloads)))
	m.pods.Set(float64(pods))
}
