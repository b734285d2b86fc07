package main

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"

	"github.com/mullion-dev/mullion/test/localcluster/hollow/pods"
)

// keepPods says of the pods that are bound to the node that they run, and completes their deletion, until the context
// ends. What fails is tried again.
func keepPods(ctx context.Context, client kubernetes.Interface, node pods.Node) error {
	queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[string]())
	defer queue.ShutDown()
	bound := cache.NewListWatchFromClient(client.CoreV1().RESTClient(), "pods", corev1.NamespaceAll,
		fields.OneTermEqualSelector("spec.nodeName", node.Name))
	add := func(object any) {
		if key, err := cache.MetaNamespaceKeyFunc(object); err == nil {
			queue.Add(key)
		}
	}
	store, informer := cache.NewInformerWithOptions(cache.InformerOptions{
		ListerWatcher: bound, ObjectType: &corev1.Pod{},
		Handler: cache.ResourceEventHandlerFuncs{AddFunc: add, UpdateFunc: func(_, object any) { add(object) }},
	})
	keeper := pods.Keeper{Client: client, Run: true}
	var running wait.Group
	running.StartWithContext(ctx, informer.RunWithContext)
	running.StartWithContext(ctx, func(ctx context.Context) {
		for {
			key, stopped := queue.Get()
			if stopped {
				return
			}
			if err := syncPod(ctx, keeper, store, key, node); err != nil {
				klog.ErrorS(err, "The API server did not take what became of a pod")
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
	return context.Cause(ctx)
}

func syncPod(ctx context.Context, keeper pods.Keeper, store cache.Store, key string, node pods.Node) error {
	object, found, err := store.GetByKey(key)
	if err != nil || !found {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	if err := keeper.Sync(ctx, object.(*corev1.Pod), node); err != nil {
		return fmt.Errorf("looking after pod %s: %w", key, err)
	}
	return nil
}
