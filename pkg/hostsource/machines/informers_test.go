package machines

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/mullion-dev/mullion/test/sourcetest"
)

// counted is a manager that counts who is told of changes.
type counted struct {
	manager.Manager
	added, removed atomic.Int32
}

func (c *counted) GetCache() cache.Cache { return countedCache{c.Manager.GetCache(), c} }

type countedCache struct {
	cache.Cache
	in *counted
}

func (c countedCache) GetInformer(ctx context.Context, object client.Object, options ...cache.InformerGetOption) (cache.Informer, error) {
	informer, err := c.Cache.GetInformer(ctx, object, options...)
	return countedInformer{informer, c.in}, err
}

type countedInformer struct {
	cache.Informer
	in *counted
}

func (i countedInformer) AddEventHandlerWithOptions(
	handler toolscache.ResourceEventHandler, options toolscache.HandlerOptions,
) (toolscache.ResourceEventHandlerRegistration, error) {
	i.in.added.Add(1)
	return i.Informer.AddEventHandlerWithOptions(handler, options)
}

func (i countedInformer) RemoveEventHandler(handle toolscache.ResourceEventHandlerRegistration) error {
	i.in.removed.Add(1)
	return i.Informer.RemoveEventHandler(handle)
}

func TestWhoFollowedMachinesIsNotToldOfHostsAnyMore(t *testing.T) {
	h := newHarness(t)
	server := sourcetest.New(t, map[string]sourcetest.List{
		"/apis/example.com/v1/machines":           {APIVersion: "example.com/v1", Kind: "Machine"},
		"/apis/mullion.dev/v1alpha1/windowshosts": {APIVersion: "mullion.dev/v1alpha1", Kind: "WindowsHost"},
	}, map[string]any{
		"/apis/example.com/v1": metav1.APIResourceList{
			TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: "example.com/v1",
			APIResources: []metav1.APIResource{{Name: "machines", Kind: "Machine", Namespaced: true}},
		},
	})
	mgr := &counted{Manager: server.Manager(t, h.cluster.Scheme())}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	source := &Source{Client: h.cluster, API: h.uncached, Events: h.events, Namespace: hostNamespace, Machines: testAPI()}
	const times = 3
	for i := range int32(times) {
		served, gone := context.WithCancel(ctx)
		followed := make(chan error, 1)
		go func() { followed <- source.run(served, mgr, "v1") }()
		until(ctx, func() bool { return mgr.added.Load() == i+1 })
		gone()
		if err := <-followed; err != nil {
			t.Error(err)
		}
	}
	until(ctx, func() bool { return mgr.removed.Load() == times })
	if added, removed := mgr.added.Load(), mgr.removed.Load(); added != times || removed != times {
		t.Errorf("of %d who were to be told %d are not any more", added, removed)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// until waits for a condition, or the end of a context.
func until(ctx context.Context, holds func() bool) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
