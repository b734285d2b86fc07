package hostmetrics

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// Metrics is what the reconciler of hosts tells what happens. Its methods are safe for concurrent use.
type Metrics struct {
	steps    *prometheus.HistogramVec
	failures *prometheus.CounterVec
	drifts   prometheus.Counter
	reboots  prometheus.Counter

	mu sync.Mutex
	// certificates are when nodes' serving certificates end.
	certificates map[types.UID]time.Time
}

// New makes metrics, and registers them. Hosts lists the hosts that there are, each time that somebody collects; it is
// to read from a cache. The error is one of registering.
func New(registerer prometheus.Registerer, hosts Lister) (*Metrics, error) {
	m := &Metrics{
		steps: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "mullion_windowshost_step_duration_seconds",
			Help: "How long steps of what is done with Windows hosts take.",
			// From a look into a cache to programs that are copied over a slow line.
			Buckets: []float64{0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600, 1800},
		}, []string{"step"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mullion_windowshost_failures_total",
			Help: "Steps of what is done with Windows hosts that failed, by reason, as in the status.",
		}, []string{"step", "reason"}),
		drifts: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "mullion_windowshost_drifts_total",
			Help: "How often a Windows host was found to be other than it was made.",
		}),
		reboots: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "mullion_windowshost_reboots_total",
			Help: "How often a Windows host was asked to restart.",
		}),
		certificates: map[types.UID]time.Time{},
	}
	expiry := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "mullion_windowshost_first_certificate_expiry_timestamp_seconds",
		Help: "When the first serving certificate of a Windows node ends that is known of, in seconds since 1970; 0 where none is known.",
	}, m.firstExpiry)
	var errs []error
	for _, c := range []prometheus.Collector{m.steps, m.failures, m.drifts, m.reboots, expiry, newPhases(hosts)} {
		errs = append(errs, registerer.Register(c))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("registering metrics of Windows hosts: %w", err)
	}
	return m, nil
}

// StepEnded counts a step, and the reason for which it failed, if it did.
func (m *Metrics) StepEnded(step v1alpha1.HostStep, took time.Duration, failure string) {
	m.steps.WithLabelValues(string(step)).Observe(took.Seconds())
	if failure != "" {
		m.failures.WithLabelValues(string(step), failure).Inc()
	}
}

// DriftFound counts a host that is other than it was made.
func (m *Metrics) DriftFound() { m.drifts.Inc() }

// RebootAsked counts a restart.
func (m *Metrics) RebootAsked() { m.reboots.Inc() }

// CertificateSeen notes when a node's serving certificate ends.
func (m *Metrics) CertificateSeen(host types.UID, until time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.certificates[host] = until
}

// Forget drops what is known of a host that is gone.
func (m *Metrics) Forget(host types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.certificates, host)
}

func (m *Metrics) firstExpiry() float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	var first time.Time
	for _, until := range m.certificates {
		if first.IsZero() || until.Before(first) {
			first = until
		}
	}
	if first.IsZero() {
		return 0
	}
	return float64(first.Unix())
}
