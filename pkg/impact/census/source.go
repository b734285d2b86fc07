package census

import (
	"context"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

// Source makes a controller reconcile what requests lists whenever a new count has been published.
func (c *Census) Source(requests func(context.Context) []reconcile.Request) source.Source {
	return source.Func(func(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
		// The controller starts to work when this has returned, so it finds what is published now.
		replaced := c.current.Load().replaced
		go func() {
			for {
				select {
				case <-ctx.Done():
					return
				case <-replaced:
				}
				// Taken before the requests are listed, so that no publication is missed in between.
				replaced = c.current.Load().replaced
				for _, request := range requests(ctx) {
					queue.Add(request)
				}
			}
		}()
		return nil
	})
}
