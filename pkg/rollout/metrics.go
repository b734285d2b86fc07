package rollout

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// Metrics show the rollouts of policies. Policies are few and named by administrators, who want an alert to name the one
// that is halted; so a policy's name is a label here, as names of what users make are nowhere.
//
// A nil Metrics shows nothing.
type Metrics struct {
	hosts  *prometheus.GaugeVec
	halted *prometheus.GaugeVec
	asks   *prometheus.CounterVec
}

// NewMetrics makes and registers them.
func NewMetrics(registerer prometheus.Registerer) (*Metrics, error) {
	const namespace, subsystem = "mullion", "rollout"
	m := &Metrics{
		hosts: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "hosts",
			Help: "Hosts that live under a policy, by how far they are. unavailable counts those out of service whatever else they are.",
		}, []string{"policy", "state"}),
		halted: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "halted",
			Help: "Whether no further host of a policy is begun: it is paused, invalid, or its failure budget is spent.",
		}, []string{"policy"}),
		asks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "asks_total",
			Help: "Times that a host asked for its turn, by the answer: Given, or why not.",
		}, []string{"answer"}),
	}
	for _, c := range []prometheus.Collector{m.hosts, m.halted, m.asks} {
		if err := registerer.Register(c); err != nil {
			return nil, fmt.Errorf("registering metrics of rollouts: %w", err)
		}
	}
	return m, nil
}

// Show shows how far a policy's hosts are; nil where it has none.
func (m *Metrics) Show(policy string, status *v1alpha1.RolloutStatus) {
	if m == nil {
		return
	}
	if status == nil {
		m.Forget(policy)
		return
	}
	for state, n := range map[string]int32{
		"total":       status.Hosts,
		"up_to_date":  status.UpToDate,
		"in_progress": status.InProgress,
		"blocked":     status.Blocked,
		"failed":      status.Failed,
		"unavailable": status.Unavailable,
	} {
		m.hosts.WithLabelValues(policy, state).Set(float64(n))
	}
	halted := 0.0
	if status.Halted != "" {
		halted = 1
	}
	m.halted.WithLabelValues(policy).Set(halted)
}

// Forget shows a policy no longer.
func (m *Metrics) Forget(policy string) {
	if m == nil {
		return
	}
	m.hosts.DeletePartialMatch(prometheus.Labels{"policy": policy})
	m.halted.DeleteLabelValues(policy)
}

func (m *Metrics) asked(d Decision) {
	if m == nil {
		return
	}
	answer := d.Reason
	if d.May {
		answer = "Given"
	}
	m.asks.WithLabelValues(answer).Inc()
}
