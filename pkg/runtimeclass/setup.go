package runtimeclass

import (
	"context"
	"fmt"

	nodev1 "k8s.io/api/node/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// controllerName is the name in logs and metrics.
const controllerName = "runtimeclass"

// SetupWithManager runs the reconciler when a RuntimeClass, a policy or, as fleet tells, the fleet changes.
// fleet must queue what [Reconciler.Requests] lists.
func (r *Reconciler) SetupWithManager(mgr manager.Manager, fleet source.Source) error {
	err := ctrl.NewControllerManagedBy(mgr).
		Named(controllerName).
		For(&nodev1.RuntimeClass{}).
		Watches(&v1alpha1.WindowsBuildPolicy{},
			handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, _ client.Object) []reconcile.Request {
				return r.Requests(ctx)
			}),
			builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		WatchesRawSource(fleet).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the %s controller: %w", controllerName, err)
	}
	return nil
}

// Requests lists every class that is planned or that this project has made.
func (r *Reconciler) Requests(ctx context.Context) []reconcile.Request {
	log := ctrl.LoggerFrom(ctx)
	plan, err := r.plan(ctx)
	if err != nil {
		log.Error(err, "finding the RuntimeClasses to look at")
		return nil
	}
	var requests []reconcile.Request
	for _, name := range plan.Names() {
		requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKey{Name: name}})
	}
	var made nodev1.RuntimeClassList
	if err := r.Client.List(ctx, &made, client.MatchingLabels{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy}); err != nil {
		log.Error(err, "finding the RuntimeClasses to look at")
		return requests
	}
	for i := range made.Items {
		if _, planned := plan.Class(made.Items[i].Name); !planned {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&made.Items[i])})
		}
	}
	return requests
}
