package hollow

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
)

const (
	// workers share the work of all nodes. A heartbeat is a request of about a millisecond, so eight serve
	// thousands of nodes at kubelet's pace.
	workers = 8
	// defaultHeartbeatInterval is how often kubelet renews its lease, a quarter of the lease's 40 s.
	// Source: https://kubernetes.io/docs/reference/node/node-status/#heartbeats
	defaultHeartbeatInterval = 10 * time.Second
	// requestTimeout bounds one request of a node.
	requestTimeout = 10 * time.Second
	// retryDelay is how soon a pod is looked at again after a request of its node was in vain.
	retryDelay = time.Second
)

// Options say how a Fleet behaves.
type Options struct {
	// HeartbeatInterval is how often each node renews its lease; 0, and anything longer, means kubelet's 10 s.
	HeartbeatInterval time.Duration
	// RunPods reports pods bound to the fleet's nodes as running.
	RunPods bool
}

// Fleet is a set of hollow nodes. Its methods may be called concurrently, Stop excepted.
type Fleet struct {
	client   kubernetes.Interface
	options  Options
	interval time.Duration
	queue    workqueue.TypedDelayingInterface[task]
	nodes    cache.SharedIndexInformer // What the API server has of them.
	pods     cache.SharedIndexInformer // Those that are bound to a node.

	cancel  context.CancelFunc
	running sync.WaitGroup

	mu      sync.RWMutex
	members map[string]*Node
	added   int // Ever, so that no address is given twice.
}

// task is one thing to do: a heartbeat of a node when namespace is empty, else a look at a pod.
type task struct{ namespace, name string }

// NewFleet returns an empty fleet that has caught up with the API server. It works until Stop; the context
// bounds only the start.
func NewFleet(ctx context.Context, config *rest.Config, o Options) (*Fleet, error) { //nolint:contextcheck // See above.
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("making a client for hollow nodes: %w", err)
	}
	f := &Fleet{
		client:   client,
		options:  o,
		interval: defaultHeartbeatInterval,
		queue:    workqueue.NewTypedDelayingQueue[task](),
		members:  map[string]*Node{},
	}
	if o.HeartbeatInterval > 0 {
		f.interval = min(o.HeartbeatInterval, defaultHeartbeatInterval)
	}
	if err := f.watch(); err != nil {
		return nil, err
	}
	// Watches that break are no news: tests restart the API server, and the watches resume by themselves.
	life, cancel := context.WithCancel(klog.NewContext(context.Background(), logr.Discard()))
	f.cancel = cancel
	for _, informer := range []cache.SharedIndexInformer{f.nodes, f.pods} {
		f.running.Go(func() { informer.RunWithContext(life) })
	}
	if !cache.WaitForCacheSync(ctx.Done(), f.nodes.HasSynced, f.pods.HasSynced) {
		f.Stop()
		return nil, fmt.Errorf("listing nodes and pods for hollow nodes: %w", context.Cause(ctx))
	}
	for range workers {
		f.running.Go(func() { f.work(life) })
	}
	return f, nil
}

// byNode is the index of pods by the node they are bound to.
const byNode = "node"

func (f *Fleet) watch() error {
	bound := func(o *metav1.ListOptions) {
		o.FieldSelector = fields.OneTermNotEqualSelector("spec.nodeName", "").String()
	}
	f.nodes = informers.NewSharedInformerFactory(f.client, 0).Core().V1().Nodes().Informer()
	f.pods = informers.NewSharedInformerFactoryWithOptions(f.client, 0, informers.WithTweakListOptions(bound)).
		Core().V1().Pods().Informer()
	err := f.pods.AddIndexers(cache.Indexers{byNode: func(o any) ([]string, error) {
		return []string{o.(*corev1.Pod).Spec.NodeName}, nil
	}})
	if err != nil {
		return fmt.Errorf("indexing pods by node: %w", err)
	}
	look := func(o any) {
		if pod, ok := o.(*corev1.Pod); ok {
			f.queue.Add(task{pod.Namespace, pod.Name})
		}
	}
	_, err = f.pods.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    look,
		UpdateFunc: func(_, o any) { look(o) },
	})
	if err != nil {
		return fmt.Errorf("watching pods: %w", err)
	}
	return nil
}

// work does tasks until the queue is shut down.
func (f *Fleet) work(ctx context.Context) {
	for {
		t, shutDown := f.queue.Get()
		if shutDown {
			return
		}
		f.do(ctx, t)
		f.queue.Done(t)
	}
}

func (f *Fleet) do(ctx context.Context, t task) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	if t.namespace == "" {
		if node := f.Node(t.name); node != nil && node.alive() {
			node.heartbeat(ctx) // One in vain is made up for by the next, as kubelet's is.
			f.queue.AddAfter(t, f.interval)
		}
		return
	}
	if err := f.syncPod(ctx, t.namespace, t.name); err != nil {
		f.queue.AddAfter(t, retryDelay)
	}
}

// Add registers nodes and keeps them alive until they are removed or the fleet is stopped.
func (f *Fleet) Add(ctx context.Context, specs ...NodeSpec) ([]*Node, error) {
	nodes := make([]*Node, len(specs))
	registrations, ctx := errgroup.WithContext(ctx)
	registrations.SetLimit(workers)
	for i, spec := range specs {
		registrations.Go(func() (err error) {
			nodes[i], err = f.add(ctx, spec)
			return err
		})
	}
	if err := registrations.Wait(); err != nil {
		return nil, err
	}
	return nodes, nil
}

func (f *Fleet) add(ctx context.Context, spec NodeSpec) (*Node, error) {
	if err := spec.validate(); err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.added++
	number := f.added
	f.mu.Unlock()

	node := &Node{fleet: f, spec: spec, address: fmt.Sprintf("10.64.%d.%d", number>>8&0xff, number&0xff), ready: true}
	if err := node.register(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.members[spec.Name] = node
	f.mu.Unlock()
	f.queue.Add(task{name: spec.Name})
	return node, nil
}

// Node returns the fleet's node of that name, or nil.
func (f *Fleet) Node(name string) *Node {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.members[name]
}

func (f *Fleet) forget(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.members, name)
}

// WaitSchedulable waits until the control plane lets pods onto the named nodes: they are Ready, and the taint
// that every node starts with has been taken off.
func (f *Fleet) WaitSchedulable(ctx context.Context, names ...string) error {
	for _, name := range names {
		if err := f.WaitFor(ctx, name, schedulable); err != nil {
			return fmt.Errorf("waiting until node %s is schedulable: %w", name, err)
		}
	}
	return nil
}

// WaitFor waits until the API server's Node object satisfies a condition.
func (f *Fleet) WaitFor(ctx context.Context, name string, satisfied func(*corev1.Node) bool) error {
	ticker := time.NewTicker(20 * time.Millisecond) // Reads a cache.
	defer ticker.Stop()
	for {
		object, found, err := f.nodes.GetStore().GetByKey(name)
		if err != nil {
			return err
		}
		if found && satisfied(object.(*corev1.Node)) {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func schedulable(node *corev1.Node) bool {
	for _, taint := range node.Spec.Taints {
		if taint.Key == corev1.TaintNodeNotReady || taint.Key == corev1.TaintNodeUnreachable {
			return false
		}
	}
	return conditionStatus(node, corev1.NodeReady) == corev1.ConditionTrue
}

func conditionStatus(node *corev1.Node, t corev1.NodeConditionType) corev1.ConditionStatus {
	for _, condition := range node.Status.Conditions {
		if condition.Type == t {
			return condition.Status
		}
	}
	return corev1.ConditionUnknown
}

// Stop silences all nodes and returns when nothing of the fleet is running. The Node objects stay.
func (f *Fleet) Stop() {
	f.cancel()
	f.queue.ShutDown()
	f.running.Wait()
}
