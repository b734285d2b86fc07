package pods

import (
	"context"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
)

// requestTimeout bounds what is done for one pod at once.
const requestTimeout = 10 * time.Second

// Keep looks after the pods that are bound to one node until the context ends. What fails is told, and tried again.
func (k Keeper) Keep(ctx context.Context, node Node, trouble func(error)) {
	queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[string]())
	changed := func(object any) {
		if key, err := cache.MetaNamespaceKeyFunc(object); err == nil {
			queue.Add(key)
		}
	}
	store, informer := cache.NewInformerWithOptions(cache.InformerOptions{
		ListerWatcher: cache.NewListWatchFromClient(k.Client.CoreV1().RESTClient(), "pods", corev1.NamespaceAll,
			fields.OneTermEqualSelector("spec.nodeName", node.Name)),
		ObjectType: &corev1.Pod{},
		Handler:    cache.ResourceEventHandlerFuncs{AddFunc: changed, UpdateFunc: func(_, object any) { changed(object) }},
	})
	var running sync.WaitGroup
	running.Go(func() { informer.RunWithContext(ctx) })
	running.Go(func() {
		for {
			key, stopped := queue.Get()
			if stopped {
				return
			}
			if err := k.syncKey(ctx, store, key, node); err != nil {
				trouble(err)
				queue.AddRateLimited(key)
			} else {
				queue.Forget(key)
			}
			queue.Done(key)
		}
	})
	<-ctx.Done()
	queue.ShutDown()
	running.Wait()
}

func (k Keeper) syncKey(ctx context.Context, store cache.Store, key string, node Node) error {
	object, found, err := store.GetByKey(key)
	if err != nil || !found {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	if err := k.Sync(ctx, object.(*corev1.Pod), node); err != nil {
		return fmt.Errorf("looking after pod %s: %w", key, err)
	}
	return nil
}
