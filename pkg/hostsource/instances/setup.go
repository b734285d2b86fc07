package instances

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostsource"
)

// controllerName is the name in logs and metrics.
const controllerName = "windows-instances"

// SetupWithManager runs the reconciler when the list, the keys of its hosts, or any WindowsHost changes but in its status.
func (r *Reconciler) SetupWithManager(mgr manager.Manager) error {
	// The requests for every event are the same, so that a burst becomes one run.
	request := reconcile.Request{NamespacedName: r.List}
	everyHost := func(context.Context, client.Object) []reconcile.Request { return []reconcile.Request{request} }
	controller := ctrl.NewControllerManagedBy(mgr).Named(controllerName).
		Watches(&v1alpha1.WindowsHost{}, handler.EnqueueRequestsFromMapFunc(everyHost), builder.WithPredicates(hostsource.SpecOrMetadataChanged()))
	for _, name := range []string{r.List.Name, r.List.Name + KnownHostsSuffix} {
		watched, err := hostsource.WatchNamed(mgr, corev1.SchemeGroupVersion.WithKind("ConfigMap"),
			types.NamespacedName{Namespace: r.List.Namespace, Name: name}, request)
		if err != nil {
			return fmt.Errorf("setting up the %s controller: %w", controllerName, err)
		}
		controller.WatchesRawSource(watched)
	}
	if err := controller.Complete(r); err != nil {
		return fmt.Errorf("setting up the %s controller: %w", controllerName, err)
	}
	return nil
}
