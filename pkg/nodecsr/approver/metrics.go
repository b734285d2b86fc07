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
	m.begin()
	return m, nil
}

// begin counts from zero. To Prometheus a counter that comes into being as one has not increased, and the one request that
// somebody makes in the name of a host is what an alert waits for.
func (m *metrics) begin() {
	for _, signer := range []string{certificatesv1.KubeAPIServerClientKubeletSignerName, certificatesv1.KubeletServingSignerName} {
		m.requests.WithLabelValues(kind(signer), "approved", "")
		for _, reason := range nodecsr.Reasons() {
			m.requests.WithLabelValues(kind(signer), "refused", string(reason))
		}
	}
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
