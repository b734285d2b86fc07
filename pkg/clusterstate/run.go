package clusterstate

import (
	"context"
	"errors"
	"time"

	toolscache "k8s.io/client-go/tools/cache"
)

// Start listens to the informers and publishes snapshots until the context ends. When it returns no handler
// of its own is registered any more. It is called once. The error is one of registering with an informer,
// such as a kind that the API server does not have.
func (t *Tracker) Start(ctx context.Context) (err error) {
	defer func() {
		for _, w := range t.watches {
			err = errors.Join(err, w.stop())
		}
	}()
	delivered := make([]toolscache.DoneChecker, 0, len(t.watches))
	for _, w := range t.watches {
		if err := w.start(ctx, t.informers); err != nil {
			return err
		}
		delivered = append(delivered, w.registration.Load().HasSyncedChecker())
	}
	if !toolscache.WaitFor(ctx, "", delivered...) {
		return nil // The context has ended: the program is to end.
	}
	p := &publisher{tracker: t}
	wait := p.publish(time.Now())
	close(t.synced)
	p.loop(ctx, wait)
	return nil
}

// NeedLeaderElection tells controller-runtime that every replica keeps its own snapshot.
func (t *Tracker) NeedLeaderElection() bool { return false }

// loop publishes whenever something has changed, and when the wait for what was not due is over.
func (p *publisher) loop(ctx context.Context, wait time.Duration) {
	for {
		var due <-chan time.Time
		if wait > 0 {
			due = time.After(wait)
		}
		select {
		case <-ctx.Done():
			return
		case <-p.tracker.wake:
		case <-due:
		}
		wait = p.publish(time.Now())
	}
}
