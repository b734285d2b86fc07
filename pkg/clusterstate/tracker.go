package clusterstate

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/cache"

	"github.com/mullion-dev/mullion/pkg/policy"
)

// Options configure a [Tracker].
type Options struct {
	// Log gets one line per policy that is compiled or left out.
	Log logr.Logger
	// Namespaces tells to watch namespaces, for [Tracker.NamespaceLabels]. Admission needs them.
	Namespaces bool
	// Metrics is where metrics are registered; nil leaves them unregistered.
	Metrics prometheus.Registerer
}

// Tracker keeps the policy snapshot of a cluster up to date while it is started. Every method is safe for
// concurrent use.
type Tracker struct {
	log       logr.Logger
	informers cache.Informers
	metrics   *metrics

	nodes      *collection[*policy.CompactNode]
	policies   *collection[compiledPolicy]
	classes    *collection[policy.RuntimeClass]
	namespaces sync.Map // of name to map[string]string

	watches []*watch
	// wake holds at most one signal: that some collection has changed.
	wake   chan struct{}
	synced chan struct{}

	current atomic.Pointer[publication]
}

// publication is a published snapshot.
type publication struct {
	snapshot *policy.Snapshot
	// replaced is closed when a newer snapshot has been published.
	replaced chan struct{}
}

// New makes a tracker that listens to informers whose cache was made with [CacheOptions]. It does nothing
// before it is started. The error is one of registering metrics.
func New(informers cache.Informers, options Options) (*Tracker, error) {
	t := &Tracker{
		log:       options.Log,
		informers: informers,
		metrics:   newMetrics(),
		nodes:     newCollection((*policy.CompactNode).Equal),
		policies:  newCollection(samePolicy),
		classes:   newCollection(sameClass),
		wake:      make(chan struct{}, 1),
		synced:    make(chan struct{}),
	}
	t.watches = t.watchAll(options.Namespaces)
	t.current.Store(&publication{
		snapshot: policy.NewSnapshot(nil, nil, nil),
		replaced: make(chan struct{}),
	})
	if options.Metrics != nil {
		if err := t.metrics.register(options.Metrics); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// Snapshot is the newest snapshot. It never changes and may be kept for the length of a request. Before the
// tracker is synced it is empty, and an empty snapshot touches nothing; see [Tracker.Synced].
func (t *Tracker) Snapshot() *policy.Snapshot { return t.current.Load().snapshot }

// Fleet is the fleet of the newest snapshot.
func (t *Tracker) Fleet() *policy.Fleet { return t.Snapshot().Fleet() }

// NamespaceLabels are the labels of a namespace, and whether the namespace is known. A namespace that was
// made a moment ago may not be known yet. The map must not be changed.
func (t *Tracker) NamespaceLabels(name string) (map[string]string, bool) {
	labels, ok := t.namespaces.Load(name)
	if !ok {
		return nil, false
	}
	return labels.(map[string]string), true
}

// Synced tells that a snapshot has been published that was made of all objects there were at the start.
// Once true it stays true: a snapshot outlives an API server that is away.
func (t *Tracker) Synced() bool {
	select {
	case <-t.synced:
		return true
	default:
		return false
	}
}

// ReadyCheck is a readiness check: it is an error, which names what is awaited, until the tracker is synced.
func (t *Tracker) ReadyCheck(*http.Request) error {
	if t.Synced() {
		return nil
	}
	var awaited []string
	for _, w := range t.watches {
		if !w.delivered() {
			awaited = append(awaited, w.kind)
		}
	}
	if len(awaited) == 0 {
		return errors.New("the first snapshot is being compiled")
	}
	slices.Sort(awaited)
	return errors.New("not read from the API server yet: " + strings.Join(awaited, ", "))
}

// signal wakes the loop that publishes.
func (t *Tracker) signal() {
	select {
	case t.wake <- struct{}{}:
	default: // A signal is there already; the loop will see this change, too.
	}
}
