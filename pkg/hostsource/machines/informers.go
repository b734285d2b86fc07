package machines

import (
	"context"
	"fmt"

	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// untilEnd is a cache that tells nobody anything any more when its context has ended. A controller does not unsubscribe when
// it ends, because controllers end with their program; those here are begun anew whenever a machine API comes back, and
// each would be told for ever of every change of a host.
type untilEnd struct {
	cache.Cache
	ctx context.Context //nolint:containedctx // It is how long subscriptions last, not that of a call.
}

// GetInformer is that of the cache, with subscriptions that end.
func (c untilEnd) GetInformer(ctx context.Context, object client.Object, options ...cache.InformerGetOption) (cache.Informer, error) {
	informer, err := c.Cache.GetInformer(ctx, object, options...)
	if err != nil {
		return nil, fmt.Errorf("following what changes: %w", err)
	}
	return endingInformer{informer, c.ctx}, nil
}

// endingInformer ends the subscriptions of one kind.
type endingInformer struct {
	cache.Informer
	ctx context.Context //nolint:containedctx // As above.
}

// AddEventHandlerWithOptions is how controllers subscribe.
func (i endingInformer) AddEventHandlerWithOptions(
	handler toolscache.ResourceEventHandler, options toolscache.HandlerOptions,
) (toolscache.ResourceEventHandlerRegistration, error) {
	subscription, err := i.Informer.AddEventHandlerWithOptions(handler, options)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(i.ctx, func() {
		_ = i.RemoveEventHandler(subscription) // It fails only of those that are not the informer's.
	})
	return subscription, nil
}
