package nodeconfigstatus

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// controllerName is the name in logs and metrics.
const controllerName = "nodeconfigstatus"

// delay is how long changes of hosts are gathered before the configurations are looked at.
const delay = time.Second

// SetupWithManager runs the reconciler when a configuration, a policy or a host changes in what concerns it.
func (r *Reconciler) SetupWithManager(mgr manager.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).
		Named(controllerName).
		For(&v1alpha1.WindowsNodeConfig{}).
		Watches(&v1alpha1.WindowsBuildPolicy{}, r.everyConfig(), builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&v1alpha1.WindowsHost{}, r.everyConfig(), builder.WithPredicates(hostChanged())).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the %s controller: %w", controllerName, err)
	}
	return nil
}

// everyConfig looks at every configuration: there are few, and which one a host is to have is for Compute to tell.
func (r *Reconciler) everyConfig() handler.EventHandler {
	type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]
	add := func(ctx context.Context, q queue) {
		var configs v1alpha1.WindowsNodeConfigList
		if err := r.Client.List(ctx, &configs, client.UnsafeDisableDeepCopy); err != nil {
			ctrl.LoggerFrom(ctx).Error(err, "finding the node configurations to look at")
			return
		}
		for i := range configs.Items {
			q.AddAfter(reconcile.Request{NamespacedName: client.ObjectKey{Name: configs.Items[i].Name}}, delay)
		}
	}
	return handler.Funcs{
		CreateFunc: func(ctx context.Context, _ event.CreateEvent, q queue) { add(ctx, q) },
		UpdateFunc: func(ctx context.Context, _ event.UpdateEvent, q queue) { add(ctx, q) },
		DeleteFunc: func(ctx context.Context, _ event.DeleteEvent, q queue) { add(ctx, q) },
	}
}

// hostChanged lets through what changes which configuration a host is to have, or has.
func hostChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, ok1 := e.ObjectOld.(*v1alpha1.WindowsHost)
		after, ok2 := e.ObjectNew.(*v1alpha1.WindowsHost)
		return !ok1 || !ok2 || before.Generation != after.Generation || concerns(before) != concerns(after)
	}}
}

// has is what of a host's status concerns configurations.
type has struct {
	build, config string
	generation    int64
	upToDate      bool
	// refusal is why it could not be given its configuration.
	refusal string
}

func concerns(host *v1alpha1.WindowsHost) has {
	h := has{upToDate: meta.IsStatusConditionTrue(host.Status.Conditions, v1alpha1.HostConditionUpToDate)}
	if host.Status.Facts != nil {
		h.build = host.Status.Facts.Build
	}
	if a := host.Status.Applied; a != nil {
		h.config, h.generation = a.NodeConfig, a.NodeConfigGeneration
	}
	if refuses(host) {
		h.refusal = host.Status.LastError.Message
	}
	return h
}
