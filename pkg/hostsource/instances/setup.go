package instances

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostsource"
)

// controllerName is the name in logs and metrics.
const controllerName = "windows-instances"

// SetupWithManager runs the reconciler when the list, the keys of its hosts, or any WindowsHost changes but in its status.
//
// Each ConfigMap is watched by a cache of its own that knows one name only, which is what permissions that are limited to
// resource names allow. The caches hold metadata: events say when to look, and Reconcile looks.
func (r *Reconciler) SetupWithManager(mgr manager.Manager) error {
	controller := ctrl.NewControllerManagedBy(mgr).Named(controllerName).
		Watches(&v1alpha1.WindowsHost{}, handler.EnqueueRequestsFromMapFunc(r.hostRequest), builder.WithPredicates(hostsource.SpecOrMetadataChanged()))
	for _, name := range []string{r.List.Name, r.List.Name + KnownHostsSuffix} {
		one, err := cache.New(mgr.GetConfig(), cache.Options{
			HTTPClient:           mgr.GetHTTPClient(),
			Scheme:               mgr.GetScheme(),
			Mapper:               mgr.GetRESTMapper(),
			DefaultFieldSelector: fields.OneTermEqualSelector("metadata.name", name),
			DefaultNamespaces:    map[string]cache.Config{r.List.Namespace: {}},
		})
		if err != nil {
			return fmt.Errorf("making a cache for ConfigMap %s: %w", name, err)
		}
		if err := mgr.Add(one); err != nil {
			return fmt.Errorf("adding the cache for ConfigMap %s: %w", name, err)
		}
		metadata := &metav1.PartialObjectMetadata{}
		metadata.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("ConfigMap"))
		controller.WatchesRawSource(source.Kind(one, metadata, handler.TypedEnqueueRequestsFromMapFunc(r.listRequest)))
	}
	if err := controller.Complete(r); err != nil {
		return fmt.Errorf("setting up the %s controller: %w", controllerName, err)
	}
	return nil
}

// The requests for every event are the same, so that a burst becomes one run.
func (r *Reconciler) hostRequest(context.Context, client.Object) []reconcile.Request {
	return []reconcile.Request{{NamespacedName: r.List}}
}

func (r *Reconciler) listRequest(context.Context, *metav1.PartialObjectMetadata) []reconcile.Request {
	return []reconcile.Request{{NamespacedName: r.List}}
}
