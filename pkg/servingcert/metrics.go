package servingcert

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// The values of the label certificate.
const (
	labelCA   = "ca"
	labelLeaf = "leaf"
)

// metrics are those of one Source or Files.
type metrics struct {
	expiry    *prometheus.GaugeVec
	rotations *prometheus.CounterVec
	errors    prometheus.Counter
}

func newMetrics(registry prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		expiry: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "mullion_serving_certificate_expiry_timestamp_seconds",
			Help: "When the certificate in use expires, in seconds since 1970. certificate is leaf or ca.",
		}, []string{"certificate"}),
		rotations: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mullion_serving_certificate_rotations_total",
			Help: "Certificates put into use or, for a CA, staged by this process, by reason. certificate is leaf or ca.",
		}, []string{"certificate", "reason"}),
		errors: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "mullion_serving_certificate_errors_total",
			Help: "Passes over the serving certificate that ended in an error; what is served does not change by that.",
		}),
	}
	for _, c := range []prometheus.Collector{m.expiry, m.rotations, m.errors} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("registering the metrics of the serving certificate: %w", err)
		}
	}
	return m, nil
}
