package windowshost

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// controllerName is the name in logs and metrics.
const controllerName = "windowshost"

// SetupWithManager runs the reconciler for hosts that have changed, and for those that a changed node, policy, node
// configuration or key is about. keySecret names the Secret of hosts that name none; Secrets are watched by their
// metadata only.
func (r *Reconciler) SetupWithManager(ctx context.Context, mgr manager.Manager, keySecret string) error {
	if err := Index(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	options, specChanges := r.options(), builder.WithPredicates(predicate.GenerationChangedPredicate{})
	err := ctrl.NewControllerManagedBy(mgr).
		Named(controllerName).
		For(&v1alpha1.WindowsHost{}, builder.WithPredicates(wanted())).
		Watches(&corev1.Node{}, handler.EnqueueRequestsFromMapFunc(r.ofNode), builder.WithPredicates(nodeChanges())).
		Watches(&v1alpha1.WindowsBuildPolicy{}, handler.EnqueueRequestsFromMapFunc(r.ofPolicy), specChanges).
		Watches(&v1alpha1.WindowsNodeConfig{}, handler.EnqueueRequestsFromMapFunc(r.ofConfig), specChanges).
		WatchesMetadata(&corev1.Secret{}, handler.EnqueueRequestsFromMapFunc(r.ofSecret(keySecret))).
		WithOptions(controller.Options{
			MaxConcurrentReconciles: options.Workers,
			UsePriorityQueue:        new(true),
			// It is for what the API server refuses. What a host does has its own measure, in the status.
			RateLimiter: workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](100*time.Millisecond, time.Minute),
		}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the %s controller: %w", controllerName, err)
	}
	return nil
}

// Index adds the indexes of WindowsHosts by which duplicates, and the host of a node, are found.
func Index(ctx context.Context, indexer client.FieldIndexer) error {
	for name, extract := range Indexes() {
		if err := indexer.IndexField(ctx, &v1alpha1.WindowsHost{}, name, extract); err != nil {
			return fmt.Errorf("indexing WindowsHosts by %s: %w", name, err)
		}
	}
	return nil
}

// Indexes are the indexes of WindowsHosts, by name.
func Indexes() map[string]client.IndexerFunc {
	return map[string]client.IndexerFunc{
		indexAddress: func(object client.Object) []string { return []string{addressOf(object.(*v1alpha1.WindowsHost))} },
		indexNodeName: func(object client.Object) []string {
			host := object.(*v1alpha1.WindowsHost)
			switch {
			case host.Status.Node != nil:
				return []string{host.Status.Node.Name}
			case host.Spec.NodeName != "":
				return []string{host.Spec.NodeName}
			default:
				return nil
			}
		},
	}
}

// wanted lets through what a person, or a source, has changed: not the status, which is our own.
func wanted() predicate.Predicate {
	return predicate.Or[client.Object](predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{})
}
