package exporter

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// controllerName is the name in logs and metrics.
const controllerName = "exporter"

// CacheOptions narrow a manager's cache to the Service and the slices of a namespace that are kept here. Without them it
// would hold those of the whole cluster.
func CacheOptions(namespace string) map[client.Object]cache.ByObject {
	here := map[string]cache.Config{namespace: {}}
	return map[client.Object]cache.ByObject{
		&corev1.Service{}: {Namespaces: here, Field: fields.OneTermEqualSelector("metadata.name", ServiceName)},
		&discoveryv1.EndpointSlice{}: {
			Namespaces: here, Label: labels.SelectorFromSet(labels.Set{discoveryv1.LabelServiceName: ServiceName}),
		},
	}
}

// SetupWithManager runs the reconciler when something changes on which the endpoints depend, or somebody changes what is
// kept. The manager's cache needs [CacheOptions].
func (r *Reconciler) SetupWithManager(mgr manager.Manager) error {
	// Many changes at once are one reason to look.
	look := handler.EnqueueRequestsFromMapFunc(func(context.Context, client.Object) []reconcile.Request {
		return []reconcile.Request{{NamespacedName: client.ObjectKey{Namespace: r.Namespace, Name: ServiceName}}}
	})
	err := ctrl.NewControllerManagedBy(mgr).
		Named(controllerName).
		Watches(&corev1.Service{}, look).
		Watches(&discoveryv1.EndpointSlice{}, look).
		Watches(&v1alpha1.WindowsHost{}, look, builder.WithPredicates(changing(sameHost))).
		Watches(&v1alpha1.WindowsNodeConfig{}, look, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&corev1.Node{}, look, builder.WithPredicates(changing(sameNode))).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the %s controller: %w", controllerName, err)
	}
	return nil
}

// changing lets updates through but those between which nothing has changed that matters.
func changing[T client.Object](same func(before, after T) bool) predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, isBefore := e.ObjectOld.(T)
		after, isAfter := e.ObjectNew.(T)
		return !isBefore || !isAfter || !same(before, after)
	}}
}

func sameHost(before, after *v1alpha1.WindowsHost) bool {
	nodeBefore, addressBefore, servedBefore := serving(before)
	nodeAfter, addressAfter, servedAfter := serving(after)
	return servedBefore == servedAfter && nodeBefore == nodeAfter && addressBefore == addressAfter && configOf(before) == configOf(after)
}

func sameNode(before, after *corev1.Node) bool { return isReady(before) == isReady(after) }
