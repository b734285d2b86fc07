package drain

import (
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what a drainer shows of itself. Its methods may be called concurrently.
type metrics struct {
	evictions *prometheus.CounterVec
	seconds   *prometheus.HistogramVec

	mu sync.Mutex
	// began is when drains that are not at their end were seen first, by node. A drain is observed when it ends, and
	// only once although a node that is drained may be asked about again and again.
	began map[string]time.Time
}

func newMetrics(registerer prometheus.Registerer) (*metrics, error) {
	const namespace, subsystem = "mullion", "drain"
	m := &metrics{
		evictions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "evictions_total",
			Help: "Evictions asked for, by what came of them.",
		}, []string{"outcome"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "duration_seconds",
			Help:    "Seconds from the begin of a drain to its end, by whether the node was empty then.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 13), // Up to 68 minutes.
		}, []string{"outcome"}),
		began: map[string]time.Time{},
	}
	for _, collector := range []prometheus.Collector{m.evictions, m.seconds} {
		if err := registerer.Register(collector); err != nil {
			return nil, fmt.Errorf("registering metrics of draining: %w", err)
		}
	}
	return m, nil
}

func (m *metrics) attempted(result outcome) { m.evictions.WithLabelValues(string(result)).Inc() }

// stepped observes a drain that is at its end. One that had nothing to do from the begin is not observed.
func (m *metrics) stepped(node string, p *Progress, since, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	began, draining := m.began[node]
	switch {
	case !p.Done && !p.TimedOut:
		if !draining {
			if since.IsZero() {
				since = now
			}
			m.began[node] = since
		}
	case draining:
		delete(m.began, node)
		m.seconds.WithLabelValues(ending(p)).Observe(now.Sub(began).Seconds())
	}
}

// forget drops a drain that was given up.
func (m *metrics) forget(node string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.began, node)
}

func ending(p *Progress) string {
	if p.Done {
		return "Drained"
	}
	return "TimedOut"
}
