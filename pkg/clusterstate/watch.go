package clusterstate

import (
	"context"
	"fmt"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// watch is one kind of object that a tracker listens to.
type watch struct {
	// kind is the kind for a person.
	kind    string
	object  client.Object
	handler toolscache.ResourceEventHandler

	registration atomic.Pointer[registration]
}

// registration is a watch's handler at its informer.
type registration struct {
	informer cache.Informer
	toolscache.ResourceEventHandlerRegistration
}

// watchAll lists what the tracker listens to.
func (t *Tracker) watchAll(namespaces bool) []*watch {
	watches := []*watch{
		{kind: "Nodes", object: &corev1.Node{}, handler: handle(t.putNode, t.dropNode)},
		{kind: "WindowsBuildPolicies", object: &v1alpha1.WindowsBuildPolicy{}, handler: handle(t.putPolicy, t.dropPolicy)},
		{kind: "RuntimeClasses", object: &nodev1.RuntimeClass{}, handler: handle(t.putClass, t.dropClass)},
	}
	if namespaces {
		watches = append(watches, &watch{
			kind: "Namespaces", object: namespaceMetadata(), handler: handle(t.putNamespace, t.dropNamespace),
		})
	}
	return watches
}

// handle passes on the objects of one kind, and the names of those that are gone.
func handle[T any](put func(T), drop func(name string)) toolscache.ResourceEventHandlerFuncs {
	return toolscache.ResourceEventHandlerFuncs{
		AddFunc: func(object any) {
			if typed, ok := object.(T); ok {
				put(typed)
			}
		},
		UpdateFunc: func(_, object any) {
			if typed, ok := object.(T); ok {
				put(typed)
			}
		},
		DeleteFunc: func(object any) {
			// The last state of the object may be missing, its name never is.
			if name, err := toolscache.DeletionHandlingObjectToName(object); err == nil {
				drop(name.Name)
			}
		},
	}
}

// start registers the handler. It does not wait for the first objects.
func (w *watch) start(ctx context.Context, informers cache.Informers) error {
	informer, err := informers.GetInformer(ctx, w.object, cache.BlockUntilSynced(false))
	if err != nil {
		return fmt.Errorf("watching %s: %w", w.kind, err)
	}
	handle, err := informer.AddEventHandler(w.handler)
	if err != nil {
		return fmt.Errorf("watching %s: %w", w.kind, err)
	}
	w.registration.Store(&registration{informer, handle})
	return nil
}

// stop removes the handler, if it was registered.
func (w *watch) stop() error {
	r := w.registration.Load()
	if r == nil {
		return nil
	}
	if err := r.informer.RemoveEventHandler(r.ResourceEventHandlerRegistration); err != nil {
		return fmt.Errorf("ending the watch of %s: %w", w.kind, err)
	}
	return nil
}

// delivered tells that every object there was at the start has reached the handler.
func (w *watch) delivered() bool {
	r := w.registration.Load()
	return r != nil && r.HasSynced()
}

// putNode takes a node as the cache holds it, in either [Detail].
func (t *Tracker) putNode(object any) {
	switch held := object.(type) {
	case *corev1.Node:
		t.keepNode(compact(held))
	case *nodeRecord:
		held.node.Store(t.keepNode(held.node.Load()))
	}
}

// keepNode returns the node that is kept: this, or the one there where they are the same.
func (t *Tracker) keepNode(node *policy.CompactNode) *policy.CompactNode {
	kept, changed := t.nodes.put(node.Name(), node)
	if changed {
		t.signal()
	}
	return kept
}

func (t *Tracker) dropNode(name string) {
	if t.nodes.drop(name) {
		t.signal()
	}
}

func (t *Tracker) putPolicy(p *v1alpha1.WindowsBuildPolicy) {
	compiled := compile(p)
	if _, changed := t.policies.put(p.Name, compiled); !changed {
		return
	}
	if compiled.err != nil {
		t.log.Error(compiled.err, "policy left out", "policy", p.Name, "generation", p.Generation)
	} else {
		t.log.Info("policy compiled", "policy", p.Name, "generation", p.Generation)
	}
	t.signal()
}

func (t *Tracker) dropPolicy(name string) {
	if t.policies.drop(name) {
		t.log.Info("policy deleted", "policy", name)
		t.signal()
	}
}

func (t *Tracker) putClass(class *nodev1.RuntimeClass) {
	if _, changed := t.classes.put(class.Name, policy.FromRuntimeClass(class)); changed {
		t.signal()
	}
}

func (t *Tracker) dropClass(name string) {
	if t.classes.drop(name) {
		t.signal()
	}
}

func (t *Tracker) putNamespace(namespace *metav1.PartialObjectMetadata) {
	t.namespaces.Store(namespace.Name, namespace.Labels)
}

func (t *Tracker) dropNamespace(name string) { t.namespaces.Delete(name) }
