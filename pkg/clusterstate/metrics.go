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
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: "mullion", Subsystem: "clusterstate", Name: name, Help: help,
		})
	}
	return &metrics{
		nodes:    gauge("windows_nodes", "Windows nodes in the snapshot."),
		classes:  gauge("runtime_classes", "RuntimeClasses in the snapshot."),
		policies: gauge("policies", "Policies in force."),
		rejected: gauge("rejected_policies", "Policies left out because they do not compile."),
		fleetSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "mullion", Subsystem: "clusterstate", Name: "fleet_compile_seconds",
			Help:    "Seconds to compile the nodes of the cluster.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 12),
		}),
	}
}

func (m *metrics) register(registerer prometheus.Registerer) error {
	for _, c := range []prometheus.Collector{m.nodes, m.classes, m.policies, m.rejected, m.fleetSeconds} {
		if err := registerer.Register(c); err != nil {
			return fmt.Errorf("registering metrics of the cluster state: %w", err)
		}
	}
	return nil
}
