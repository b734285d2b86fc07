package drain

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/client-go/kubernetes"
	"k8s.io/utils/clock"
)

// stepTimeout bounds a step. What it does not get to is left for the next.
const stepTimeout = time.Minute

// Drainer drains and cordons nodes. It may be used for several nodes at once, but for each by one goroutine at a time.
type Drainer struct {
	client  kubernetes.Interface
	clock   clock.PassiveClock
	metrics *metrics
}

// New makes a drainer that registers its metrics. The error is one of registering.
func New(client kubernetes.Interface, clock clock.PassiveClock, registerer prometheus.Registerer) (*Drainer, error) {
	m, err := newMetrics(registerer)
	if err != nil {
		return nil, err
	}
	return &Drainer{client: client, clock: clock, metrics: m}, nil
}

// Step evicts what can be evicted from a node now, and tells what is left. It takes no longer than a minute, mostly much
// less, and waits for no pod to end. When the time of the options is over it evicts nothing, but still finds out what
// keeps the pods. A node that is gone has no pods.
//
// The node should be cordoned before; Step does not look. An error means that the pods could not be read, or that the
// context has ended: what keeps a pod is part of the progress, never an error.
func (d *Drainer) Step(ctx context.Context, node string, o Options) (Progress, error) {
	over := o.over(d.clock.Now())
	progress, err := d.step(ctx, node, &o, over)
	if err != nil {
		return Progress{}, err
	}
	progress.TimedOut = over && !progress.Done
	d.metrics.stepped(node, &progress, o.Since, d.clock.Now())
	return progress, nil
}

// Look tells what keeps the pods of a node at the moment, and evicts nothing. It takes as long as Step, and its error means
// the same.
func (d *Drainer) Look(ctx context.Context, node string, o Options) (Progress, error) {
	return d.step(ctx, node, &o, true)
}

func (d *Drainer) step(ctx context.Context, node string, o *Options, dryRun bool) (Progress, error) {
	limited, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	found, err := d.survey(limited, node, o)
	if err != nil {
		return Progress{}, err
	}
	attempts := d.evict(limited, found.evictable, dryRun)
	progress := d.sort(limited, found, attempts, dryRun)
	if err := ctx.Err(); err != nil {
		return Progress{}, fmt.Errorf("evicting the pods of node %s: %w", node, err)
	}
	progress.Done = progress.Left == 0
	return progress, nil
}

// sort gathers what was found on a node, and what has come of the attempts to evict it, or of finding out whether that
// would be possible.
func (d *Drainer) sort(ctx context.Context, found *survey, attempts []attempt, dryRun bool) Progress {
	progress := Progress{Left: found.leaving + len(found.blocked), Blocked: found.blocked}
	budgets := &budgets{client: d.client}
	for i := range attempts {
		result, blocker := attempts[i].outcomeOf(ctx, budgets)
		progress.RetryAfter = max(progress.RetryAfter, retryAfter(attempts[i].err))
		if result != outcomeGone {
			progress.Left++
		}
		if !dryRun {
			d.metrics.attempted(result)
			if result == outcomeAccepted {
				progress.Evicted++
			}
		}
		if blocker != nil {
			progress.Blocked = append(progress.Blocked, *blocker)
		}
	}
	sortBlockers(progress.Blocked)
	return progress
}
