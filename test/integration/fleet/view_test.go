package fleet

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// view follows the WindowsHosts of a namespace, and their nodes, by watches. Every state that the API server tells of is
// seen, and shown to who wants to see it.
type view struct {
	t       *testing.T
	changed chan struct{}

	mu    sync.Mutex
	hosts map[string]*v1alpha1.WindowsHost
	nodes map[string]*corev1.Node
	// sight, if it is not nil, is called with the lock held for every state.
	sight func(hosts map[string]*v1alpha1.WindowsHost, nodes map[string]*corev1.Node)
}

func newView(t *testing.T, namespace string) *view {
	t.Helper()
	v := &view{t: t, changed: make(chan struct{}, 1), hosts: map[string]*v1alpha1.WindowsHost{}, nodes: map[string]*corev1.Node{}}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	prefix := namespace[len("case-"):] + "-"
	follow(ctx, &running, shared, "", &corev1.Node{}, v, func(node *corev1.Node) map[string]*corev1.Node {
		if !strings.HasPrefix(node.Name, prefix) {
			return nil
		}
		return v.nodes
	})
	follow(ctx, &running, shared, namespace, &v1alpha1.WindowsHost{}, v, func(*v1alpha1.WindowsHost) map[string]*v1alpha1.WindowsHost { return v.hosts })
	return v
}

// keep takes over a state; nil is that there is none any more.
func keep[T metav1.Object](v *view, object T, into func(T) map[string]T, gone bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	all := into(object)
	if all == nil {
		return
	}
	if gone {
		delete(all, object.GetName())
	} else {
		all[object.GetName()] = object
	}
	if v.sight != nil {
		v.sight(v.hosts, v.nodes)
	}
	select {
	case v.changed <- struct{}{}:
	default:
	}
}

// handlers keep what an informer tells.
func handlers[T metav1.Object](v *view, into func(T) map[string]T) cache.ResourceEventHandlerFuncs {
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { keep(v, object.(T), into, false) },
		UpdateFunc: func(_, object any) { keep(v, object.(T), into, false) },
		DeleteFunc: func(object any) {
			if last, unseen := object.(cache.DeletedFinalStateUnknown); unseen {
				object = last.Obj
			}
			keep(v, object.(T), into, true)
		},
	}
}

// see has every state shown from now on, the present one included.
func (v *view) see(sight func(map[string]*v1alpha1.WindowsHost, map[string]*corev1.Node)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sight = sight
	sight(v.hosts, v.nodes)
}

// all are the hosts, by name. They are not to be changed.
func (v *view) all() []*v1alpha1.WindowsHost {
	v.mu.Lock()
	defer v.mu.Unlock()
	hosts := make([]*v1alpha1.WindowsHost, 0, len(v.hosts))
	for _, host := range v.hosts {
		hosts = append(hosts, host)
	}
	slices.SortFunc(hosts, func(a, b *v1alpha1.WindowsHost) int { return strings.Compare(a.Name, b.Name) })
	return hosts
}

// host is one of them; nil where there is none.
func (v *view) host(name string) *v1alpha1.WindowsHost {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.hosts[name]
}

// node is one of their nodes; nil where there is none.
func (v *view) node(name string) *corev1.Node {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.nodes[name]
}

// until waits until a condition holds, which is asked whenever something has changed, and every second.
func (v *view) until(what string, holds func() bool) {
	v.t.Helper()
	v.untilWithin(patience, what, holds)
}

// untilWithin is until with a patience of its own.
func (v *view) untilWithin(patience time.Duration, what string, holds func() bool) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.t.Context(), patience)
	defer cancel()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	began := time.Now()
	for !holds() {
		select {
		case <-v.changed:
		case <-ticker.C:
		case <-ctx.Done():
			v.t.Fatalf("after %v it is not so that %s:\n%s", patience, what, v.describe())
		}
	}
	v.t.Logf("%s, after %v", what, time.Since(began).Round(100*time.Millisecond))
}

// untilHost waits until a host satisfies a condition.
func (v *view) untilHost(name, what string, satisfied func(*v1alpha1.WindowsHost) bool) {
	v.t.Helper()
	v.until(name+" "+what, func() bool {
		host := v.host(name)
		return host != nil && satisfied(host)
	})
}
