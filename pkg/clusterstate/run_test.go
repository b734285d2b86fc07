package clusterstate

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	"k8s.io/apimachinery/pkg/runtime"
	toolscache "k8s.io/client-go/tools/cache"
	framework "k8s.io/client-go/tools/cache/testing"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// fakeCluster is informers over an API server's objects in memory. The informers are client-go's own.
type fakeCluster struct {
	cache.Informers
	nodes, policies, classes *framework.FakeControllerSource
	informers                map[string]toolscache.SharedIndexInformer
	failing                  error
}

func newFakeCluster(t *testing.T) *fakeCluster {
	t.Helper()
	c := &fakeCluster{
		nodes:    framework.NewFakeControllerSource(),
		policies: framework.NewFakeControllerSource(),
		classes:  framework.NewFakeControllerSource(),
	}
	for _, source := range []*framework.FakeControllerSource{c.nodes, c.policies, c.classes} {
		t.Cleanup(source.Shutdown)
	}
	informer := func(source *framework.FakeControllerSource, object runtime.Object) toolscache.SharedIndexInformer {
		return toolscache.NewSharedIndexInformer(source, object, 0, toolscache.Indexers{})
	}
	c.informers = map[string]toolscache.SharedIndexInformer{
		"Node":               informer(c.nodes, &corev1.Node{}),
		"WindowsBuildPolicy": informer(c.policies, &v1alpha1.WindowsBuildPolicy{}),
		"RuntimeClass":       informer(c.classes, &nodev1.RuntimeClass{}),
	}
	if err := c.informers["Node"].SetTransform(ForPlacement.strip); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *fakeCluster) GetInformer(_ context.Context, object client.Object, _ ...cache.InformerGetOption) (cache.Informer, error) {
	switch object.(type) {
	case *corev1.Node:
		return c.informers["Node"], nil
	case *v1alpha1.WindowsBuildPolicy:
		return c.informers["WindowsBuildPolicy"], nil
	default:
		return c.informers["RuntimeClass"], c.failing
	}
}

// start runs the informers of the kinds.
func (c *fakeCluster) start(ctx context.Context, kinds ...string) {
	for _, kind := range kinds {
		go c.informers[kind].RunWithContext(ctx)
	}
}

// inVirtualTime runs a test with a context that ends with it. A goroutine that outlives the test fails it.
func inVirtualTime(t *testing.T, test func(ctx context.Context, t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		test(ctx, t)
	})
}

func startTracker(ctx context.Context, t *testing.T, cluster *fakeCluster) *Tracker {
	t.Helper()
	tracker, err := New(cluster, Options{Log: logr.Discard()})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- tracker.Start(ctx) }()
	t.Cleanup(func() {
		if err := <-ended; err != nil {
			t.Errorf("ending the tracker: %v", err)
		}
	})
	return tracker
}

func count(t *testing.T, tracker *Tracker, build string) policy.BuildCount {
	t.Helper()
	parsed, err := policy.ParseBuild(build)
	if err != nil {
		t.Fatal(err)
	}
	return tracker.Fleet().Count(parsed)
}

func TestTheTrackerIsReadyOnceEveryKindHasBeenReadAndCompiled(t *testing.T) {
	inVirtualTime(t, func(ctx context.Context, t *testing.T) {
		cluster := newFakeCluster(t)
		cluster.nodes.Add(node("a", build2022))
		cluster.policies.Add(newPolicy("general", 1, build2022))
		tracker := startTracker(ctx, t, cluster)

		cluster.start(ctx, "Node")
		synctest.Wait()
		if tracker.Synced() {
			t.Error("the tracker is synced before it has seen any policy")
		}
		want := "not read from the API server yet: RuntimeClasses, WindowsBuildPolicies"
		if err := tracker.ReadyCheck(nil); err == nil || err.Error() != want {
			t.Errorf("got %v, want %q", err, want)
		}
		if n := len(tracker.Snapshot().Policies().All()); n != 0 {
			t.Errorf("%d policies in force before the tracker is synced", n)
		}

		cluster.start(ctx, "WindowsBuildPolicy", "RuntimeClass")
		synctest.Wait()
		if err := tracker.ReadyCheck(nil); err != nil || !tracker.Synced() {
			t.Errorf("the tracker is not ready: %v", err)
		}
		if n := len(tracker.Snapshot().Policies().All()); n != 1 {
			t.Errorf("got %d policies, want 1", n)
		}
		if got, want := count(t, tracker, build2022), (policy.BuildCount{Nodes: 1, Available: 1}); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestAClusterWithoutAnythingIsReady(t *testing.T) {
	inVirtualTime(t, func(ctx context.Context, t *testing.T) {
		cluster := newFakeCluster(t)
		cluster.start(ctx, "Node", "WindowsBuildPolicy", "RuntimeClass")
		tracker := startTracker(ctx, t, cluster)
		synctest.Wait()
		if !tracker.Synced() {
			t.Errorf("not synced: %v", tracker.ReadyCheck(nil))
		}
	})
}

func TestABurstOfNodesIsCompiledTwice(t *testing.T) {
	inVirtualTime(t, func(ctx context.Context, t *testing.T) {
		cluster := newFakeCluster(t)
		cluster.start(ctx, "Node", "WindowsBuildPolicy", "RuntimeClass")
		tracker := startTracker(ctx, t, cluster)
		synctest.Wait()

		fleets := map[*policy.Fleet]bool{}
		const step = 10 * time.Millisecond
		for i := range 15 {
			cluster.nodes.Add(node(string(rune('a'+i)), build2022))
			synctest.Wait()
			fleets[tracker.Fleet()] = true
			time.Sleep(step)
		}
		time.Sleep(NodeInterval)
		synctest.Wait()
		fleets[tracker.Fleet()] = true
		if got, want := len(fleets), 2; got != want {
			t.Errorf("the fleet was compiled %d times, want %d: at once, and when the interval was over", got, want)
		}
		if got, want := count(t, tracker, build2022).Nodes, 15; got != want {
			t.Errorf("got %d nodes, want %d", got, want)
		}
	})
}

func TestUpdatesReachTheSnapshot(t *testing.T) {
	inVirtualTime(t, func(ctx context.Context, t *testing.T) {
		cluster := newFakeCluster(t)
		cluster.nodes.Add(node("a", build2022))
		cluster.start(ctx, "Node", "WindowsBuildPolicy", "RuntimeClass")
		tracker := startTracker(ctx, t, cluster)
		synctest.Wait()
		before := tracker.Snapshot()

		cluster.nodes.Modify(node("a", build2022)) // A heartbeat: another version, and nothing else.
		time.Sleep(NodeInterval)
		synctest.Wait()
		if tracker.Snapshot() != before {
			t.Error("a heartbeat was taken for a change")
		}
		cluster.nodes.Modify(node("a", build2022, cordoned))
		time.Sleep(NodeInterval)
		synctest.Wait()
		if got, want := count(t, tracker, build2022), (policy.BuildCount{Nodes: 1}); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestDeletionsReachTheSnapshot(t *testing.T) {
	inVirtualTime(t, func(ctx context.Context, t *testing.T) {
		cluster := newFakeCluster(t)
		a := node("a", build2022)
		cluster.nodes.Add(a)
		cluster.start(ctx, "Node", "WindowsBuildPolicy", "RuntimeClass")
		tracker := startTracker(ctx, t, cluster)
		synctest.Wait()
		cluster.nodes.Delete(a)
		time.Sleep(NodeInterval)
		synctest.Wait()
		if got := count(t, tracker, build2022); got != (policy.BuildCount{}) {
			t.Errorf("got %v after the only node was deleted", got)
		}
	})
}

func TestAMissingKindEndsTheTrackerWithItsName(t *testing.T) {
	cluster := newFakeCluster(t)
	cluster.failing = errors.New("no matches for kind")
	tracker, err := New(cluster, Options{Log: logr.Discard()})
	if err != nil {
		t.Fatal(err)
	}
	err = tracker.Start(t.Context())
	if !errors.Is(err, cluster.failing) || !strings.HasPrefix(err.Error(), "watching RuntimeClasses: ") {
		t.Errorf("got %v", err)
	}
}

func TestControllersAreWokenByANewSnapshotOnly(t *testing.T) {
	inVirtualTime(t, func(ctx context.Context, t *testing.T) {
		cluster := newFakeCluster(t)
		cluster.start(ctx, "Node", "WindowsBuildPolicy", "RuntimeClass")
		tracker := startTracker(ctx, t, cluster)
		request := reconcile.Request{}
		request.Name = "general"
		const delay = time.Second
		source := tracker.Source(delay, func(context.Context) []reconcile.Request { return []reconcile.Request{request} })
		queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]())
		defer queue.ShutDown()
		if err := source.Start(ctx, queue); err != nil {
			t.Fatal(err)
		}
		if err := source.WaitForSync(ctx); err != nil {
			t.Fatal(err)
		}
		expectRequests := func(want int) {
			t.Helper()
			time.Sleep(2 * delay)
			synctest.Wait()
			if got := queue.Len(); got != want {
				t.Errorf("got %d requests, want %d", got, want)
			}
			for range queue.Len() {
				item, _ := queue.Get()
				queue.Done(item)
			}
		}
		expectRequests(1)
		expectRequests(0)
		cluster.nodes.Add(node("a", build2022))
		cluster.policies.Add(newPolicy("general", 1, build2022))
		expectRequests(1)
		expectRequests(0)
	})
}

func TestWaitingForTheFirstSnapshotEndsWithItsContext(t *testing.T) {
	tracker := newTracker(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := tracker.Source(0, nil).WaitForSync(ctx)
	if err == nil || !strings.Contains(err.Error(), "Nodes") {
		t.Errorf("got %v, want an error that names what is awaited", err)
	}
}
