package clusterstate

import (
	"context"
	"errors"
	"time"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

// Source makes a controller reconcile what requests lists whenever a new snapshot has been published, each
// request at most once per delay. The controller starts once the tracker is synced.
func (t *Tracker) Source(delay time.Duration, requests func(context.Context) []reconcile.Request) source.SyncingSource {
	return &snapshotSource{t, delay, requests}
}

type snapshotSource struct {
	tracker  *Tracker
	delay    time.Duration
	requests func(context.Context) []reconcile.Request
}

// Start queues requests until the context ends.
func (s *snapshotSource) Start(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	go func() {
		for {
			// Taken before the requests are listed, so that no publication is missed in between.
			replaced := s.tracker.current.Load().replaced
			for _, request := range s.requests(ctx) {
				queue.AddAfter(request, s.delay)
			}
			select {
			case <-ctx.Done():
				return
			case <-replaced:
			}
		}
	}()
	return nil
}

// WaitForSync waits until the tracker is synced.
func (s *snapshotSource) WaitForSync(ctx context.Context) error {
	select {
	case <-s.tracker.synced:
		return nil
	case <-ctx.Done():
		return errors.New("waiting for the first snapshot of the cluster: " + s.tracker.ReadyCheck(nil).Error())
	}
}
