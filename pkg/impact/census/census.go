package census

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/pkg/impact"
	"github.com/mullion-dev/mullion/pkg/policy"
)

const (
	// recountInterval is how often it is looked whether policies or nodes have changed, and so the least time from
	// one count to the next. Looking is comparing a pointer.
	recountInterval = 2 * time.Second
	// recountRest bounds the share of a processor that counting takes in a cluster that changes all the time: the
	// next count begins no sooner than this many times the duration of the last after its end.
	recountRest = 9
	// retryInterval is the longest wait after pods could not be read.
	retryInterval = time.Minute
	// sweepTimeout bounds the reading of pods, and again the asking for their images.
	sweepTimeout = 2 * time.Minute
	// jitter is the part of the interval by which sweeps are spread, so that the clusters of an operator who
	// restarts all at once do not ask the same registries in step.
	jitter = 0.2
	// maxWorkloads is how many workloads are kept, each of some two kilobytes. Beyond that, none are counted.
	maxWorkloads = 20_000
)

// Options configure a [Census].
type Options struct {
	// Reader reads pods and their controllers. It must not be a cache.
	Reader client.Reader
	// Snapshot is the newest snapshot, and nil while there is none of everything.
	Snapshot func() *policy.Snapshot
	// Images tells about images.
	Images impact.Images
	// Interval is the time from one reading of the pods to the next, give or take.
	Interval time.Duration
	// Log gets one line when what keeps it from counting changes.
	Log logr.Logger
	// Registry is where metrics are registered.
	Registry prometheus.Registerer
}

// Census keeps count while it is started. Its other methods may be called concurrently.
type Census struct {
	options Options
	metrics *metrics
	current atomic.Pointer[publication]
}

// publication is a published count.
type publication struct {
	count *Count
	// replaced is closed when a newer count has been published.
	replaced chan struct{}
}

// New makes a census. The error is one of registering metrics.
func New(o Options) (*Census, error) {
	m, err := newMetrics(o.Registry)
	if err != nil {
		return nil, err
	}
	c := &Census{options: o, metrics: m}
	c.current.Store(&publication{count: &Count{}, replaced: make(chan struct{})})
	return c, nil
}

// Count is the newest count. Before the first it is empty.
func (c *Census) Count() *Count { return c.current.Load().count }

// NeedLeaderElection tells controller-runtime that only the replica that works counts.
func (c *Census) NeedLeaderElection() bool { return true }

// Start counts until the context ends. It is called once, and never returns an error: what cannot be read is part of
// the count.
func (c *Census) Start(ctx context.Context) error {
	s := &sweeper{Census: c}
	ticker := time.NewTicker(recountInterval)
	defer ticker.Stop()
	for {
		s.tick(ctx, time.Now())
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// publish shows a count to those who wait, if it differs from the last.
func (c *Census) publish(count *Count) {
	old := c.current.Load()
	if same(old.count, count) {
		return
	}
	c.current.Store(&publication{count: count, replaced: make(chan struct{})})
	close(old.replaced)
}

// nextSweep is when pods are read again after a reading that began at a time.
func (c *Census) nextSweep(began time.Time, succeeded bool) time.Time {
	interval := c.options.Interval
	if !succeeded {
		interval = min(interval, retryInterval)
	}
	return began.Add(wait.Jitter(interval, jitter))
}
