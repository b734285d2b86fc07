package policystatus

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
const controllerName = "policystatus"

// SetupWithManager runs the reconciler when a policy, a RuntimeClass, a host where hosts are looked after or, as the
// sources tell, the fleet or the count of workloads changes. A change of one policy concerns the others that it overlaps
// with. The sources must queue what [Reconciler.Requests] lists.
func (r *Reconciler) SetupWithManager(mgr manager.Manager, sources ...source.Source) error {
	everyPolicy := handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, _ client.Object) []reconcile.Request {
		return r.Requests(ctx)
	})
	b := ctrl.NewControllerManagedBy(mgr).
		Named(controllerName).
		For(&v1alpha1.WindowsBuildPolicy{}).
		Watches(&v1alpha1.WindowsBuildPolicy{}, everyPolicy, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&nodev1.RuntimeClass{}, everyPolicy)
	if r.Rollouts != nil {
		b.Watches(&v1alpha1.WindowsNodeConfig{}, everyPolicy, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
			Watches(&v1alpha1.WindowsHost{}, whenHostsRest())
	}
	for _, s := range sources {
		b.WatchesRawSource(s)
	}
	if err := b.Complete(r); err != nil {
		return fmt.Errorf("setting up the %s controller: %w", controllerName, err)
	}
	return nil
}

// Requests lists every policy.
func (r *Reconciler) Requests(ctx context.Context) []reconcile.Request {
	var policies v1alpha1.WindowsBuildPolicyList
	if err := r.Client.List(ctx, &policies); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "finding the policies to look at")
		return nil
	}
	requests := make([]reconcile.Request, len(policies.Items))
	for i := range policies.Items {
		requests[i].Name = policies.Items[i].Name
	}
	return requests
}
