package approver

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	certificatesv1 "k8s.io/api/certificates/v1"

	"github.com/mullion-dev/mullion/pkg/nodecsr"
)

// metrics count what became of requests of our hosts.
type metrics struct{ requests *prometheus.CounterVec }

func newMetrics(registerer prometheus.Registerer) (*metrics, error) {
	m := &metrics{requests: prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: "mullion", Subsystem: "node_certificates", Name: "requests_total",
		Help: "Certificate signing requests of our hosts, by kind (client, serving), by decision (approved, refused) and, for refused ones, by reason.",
	}, []string{"kind", "decision", "reason"})}
	if err := registerer.Register(m.requests); err != nil {
		return nil, fmt.Errorf("registering metrics of certificate signing requests: %w", err)
	}
	return m, nil
}

func (m *metrics) approved(signer string) {
	m.requests.WithLabelValues(kind(signer), "approved", "").Inc()
}

func (m *metrics) refused(signer string, reason nodecsr.Reason) {
	m.requests.WithLabelValues(kind(signer), "refused", string(reason)).Inc()
}

func kind(signer string) string {
	if signer == certificatesv1.KubeletServingSignerName {
		return "serving"
	}
	return "client"
}
