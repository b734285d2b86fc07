package hostmetrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// Lister counts the hosts that there are.
type Lister func(ctx context.Context) (*Counts, error)

// listTimeout is how long a list may take. A cache that has not been filled yet has nothing to show.
const listTimeout = 5 * time.Second

// phases is a collector of how many hosts there are in each phase, and how many of them are degraded. It counts when it is
// asked: a count that is kept would have to be right after every restart.
type phases struct {
	hosts           Lister
	count, degraded *prometheus.Desc
}

func newPhases(hosts Lister) *phases {
	return &phases{
		hosts: hosts,
		count: prometheus.NewDesc("mullion_windowshosts", "How many WindowsHosts there are in each phase.", []string{"phase"}, nil),
		degraded: prometheus.NewDesc("mullion_windowshosts_degraded",
			"How many WindowsHosts serve and need somebody nevertheless, by the reason in the condition Degraded.", []string{"reason"}, nil),
	}
}

// Describe is part of prometheus.Collector.
func (p *phases) Describe(to chan<- *prometheus.Desc) {
	to <- p.count
	to <- p.degraded
}

// Collect is part of prometheus.Collector. Phases without hosts are shown as such, so that alerts can tell none from
// nothing known.
func (p *phases) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), listTimeout)
	defer cancel()
	counts, err := p.hosts(ctx)
	if err != nil {
		to <- prometheus.NewInvalidMetric(p.count, err)
		return
	}
	for _, phase := range all() {
		to <- prometheus.MustNewConstMetric(p.count, prometheus.GaugeValue, float64(counts.Phases[phase]), string(phase))
	}
	for reason, hosts := range counts.Degraded {
		to <- prometheus.MustNewConstMetric(p.degraded, prometheus.GaugeValue, float64(hosts), reason)
	}
}

// all are the phases that there are.
func all() []v1alpha1.HostPhase {
	return []v1alpha1.HostPhase{
		v1alpha1.HostPending, v1alpha1.HostPreparing, v1alpha1.HostWaiting, v1alpha1.HostDraining,
		v1alpha1.HostConfiguring, v1alpha1.HostJoining, v1alpha1.HostVerifying, v1alpha1.HostReady,
		v1alpha1.HostRebooting, v1alpha1.HostRetired, v1alpha1.HostRemoving, v1alpha1.HostFailed,
	}
}
