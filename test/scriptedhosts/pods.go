package scriptedhosts

import (
	"context"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"

	"github.com/mullion-dev/mullion/test/localcluster/hollow/pods"
)

// keepPods says of the pods that are bound to the node that they run, and completes their deletion, until the context ends.
func keepPods(ctx context.Context, client kubernetes.Interface, node pods.Node) error {
	queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[string]())
	changed := func(object any) {
		if key, err := cache.MetaNamespaceKeyFunc(object); err == nil {
			queue.Add(key)
		}
	}
	store, informer := cache.NewInformerWithOptions(cache.InformerOptions{
		ListerWatcher: cache.NewListWatchFromClient(client.CoreV1().RESTClient(), "pods", corev1.NamespaceAll,
			fields.OneTermEqualSelector("spec.nodeName", node.Name)),
		ObjectType: &corev1.Pod{},
		Handler:    cache.ResourceEventHandlerFuncs{AddFunc: changed, UpdateFunc: func(_, object any) { changed(object) }},
	})
	keeper := pods.Keeper{Client: client, Run: true}
	var running sync.WaitGroup
	running.Go(func() { informer.RunWithContext(ctx) })
	running.Go(func() {
		for {
			key, stopped := queue.Get()
			if stopped {
				return
			}
			if object, found, err := store.GetByKey(key); err == nil && found && keeper.Sync(ctx, object.(*corev1.Pod), node) != nil {
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
	return nil
}
