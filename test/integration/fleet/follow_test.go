package fleet

import (
	"context"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/integration/framework"
)

// follow watches objects of a kind, in one namespace if it is not empty, until the context ends. A watch that breaks is
// begun again.
func follow[T client.Object](
	ctx context.Context, running *sync.WaitGroup, s *framework.Suite, namespace string, example T, v *view, into func(T) map[string]T,
) {
	watcher, err := client.NewWithWatch(s.Cluster.RESTConfig(), client.Options{Scheme: s.Client.Scheme()})
	if err != nil {
		v.t.Fatal(err)
	}
	options := func(o metav1.ListOptions) *client.ListOptions {
		return &client.ListOptions{Namespace: namespace, Raw: &o}
	}
	_, informer := cache.NewInformerWithOptions(cache.InformerOptions{
		ListerWatcher: &cache.ListWatch{
			ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
				list := listOf(example)
				return list, watcher.List(ctx, list, options(o))
			},
			WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
				return watcher.Watch(ctx, listOf(example), options(o))
			},
		},
		ObjectType: example,
		Handler:    handlers(v, into),
	})
	running.Go(func() { informer.RunWithContext(ctx) })
}

func listOf(example client.Object) client.ObjectList {
	if _, nodes := example.(*corev1.Node); nodes {
		return &corev1.NodeList{}
	}
	return &v1alpha1.WindowsHostList{}
}
