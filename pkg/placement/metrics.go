package placement

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mullion-dev/mullion/pkg/policy"
)

// Metrics counts decisions. Its labels are this project's own words: nothing in them comes from a request.
type Metrics struct {
	decisions *prometheus.CounterVec
}

// NewMetrics registers the metrics of decisions.
func NewMetrics(registerer prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "mullion_decisions_total",
		Help: "Decisions about Windows pods, by stage of admission, mode of the policy, verdict and reason.",
	}, []string{"stage", "mode", "verdict", "reason"})}
	if err := registerer.Register(m.decisions); err != nil {
		return nil, fmt.Errorf("registering metrics of decisions: %w", err)
	}
	return m, nil
}

// Stage observes the decisions of one stage of admission, such as "mutate".
func (m *Metrics) Stage(name string) *StageMetrics {
	return &StageMetrics{m.decisions.MustCurryWith(prometheus.Labels{"stage": name})}
}

// StageMetrics counts the decisions of one stage of admission.
type StageMetrics struct {
	decisions *prometheus.CounterVec
}

// ObserveDecision counts a decision, unless it is about a pod that no policy or no Windows build concerns.
func (m *StageMetrics) ObserveDecision(decision *policy.Decision) {
	if !decision.Windows {
		return
	}
	verdict, reason := "fits", policy.ReasonFits
	switch choice := decision.Choice(); {
	case decision.Denial != nil:
		verdict, reason = "denied", decision.Denial.Reason
	case choice != nil && !choice.Ready:
		verdict, reason = "waits", choice.Reason
	}
	m.decisions.WithLabelValues(string(decision.Mode), verdict, string(reason)).Inc()
}
