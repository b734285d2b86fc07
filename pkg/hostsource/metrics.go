package hostsource

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// States of what a source names, for metrics.
const (
	// StateUsed has a WindowsHost as the source wants it.
	StateUsed = "used"
	// StateUnusable cannot be used; events say which, and why.
	StateUnusable = "unusable"
	// StateHeld would be removed, and waits for that to be confirmed.
	StateHeld = "held"
)

// Metrics counts what sources name, by states. A nil *Metrics counts nothing.
type Metrics struct {
	entries *prometheus.GaugeVec
}

// NewMetrics registers the metrics of sources.
func NewMetrics(registerer prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{entries: prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "mullion_host_source_entries",
		Help: "Hosts that a source names, by source and state: used, unusable, or held because removal is not confirmed.",
	}, []string{"source", "state"})}
	if err := registerer.Register(m.entries); err != nil {
		return nil, fmt.Errorf("registering metrics of host sources: %w", err)
	}
	return m, nil
}

// Observe tells how many hosts of a source are in a state.
func (m *Metrics) Observe(source, state string, count int) {
	if m != nil {
		m.entries.WithLabelValues(source, state).Set(float64(count))
	}
}
