package clusterstate

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what a tracker shows of itself.
type metrics struct {
	nodes, classes, policies, rejected prometheus.Gauge
	fleetSeconds                       prometheus.Histogram
}

func newMetrics() *metrics {
	const namespace, subsystem = "mullion", "clusterstate"
	return &metrics{
		nodes: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "windows_nodes", Help: "Windows nodes in the snapshot.",
		}),
		classes: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "runtime_classes", Help: "RuntimeClasses in the snapshot.",
		}),
		policies: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "policies", Help: "Policies in force.",
		}),
		rejected: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "rejected_policies", Help: "Policies left out because they do not compile.",
		}),
		fleetSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "fleet_compile_seconds",
			Help:    "Seconds to compile the nodes of the cluster.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 12),
		}),
	}
}

// counts are how many of each kind a snapshot was compiled of.
type counts struct{ nodes, classes, policies, rejected int }

// show shows the counts of the snapshot that is in force.
func (m *metrics) show(c counts) {
	m.nodes.Set(float64(c.nodes))
	m.classes.Set(float64(c.classes))
	m.policies.Set(float64(c.policies))
	m.rejected.Set(float64(c.rejected))
}

func (m *metrics) register(registerer prometheus.Registerer) error {
	for _, c := range []prometheus.Collector{m.nodes, m.classes, m.policies, m.rejected, m.fleetSeconds} {
		if err := registerer.Register(c); err != nil {
			return fmt.Errorf("registering metrics of the cluster state: %w", err)
		}
	}
	return nil
}
