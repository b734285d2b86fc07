package cabundle

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

// controllerName is the name in logs and metrics.
const controllerName = "cabundle"

// SetupWithManager runs the reconciler when the Secret or a target changes, and now and then.
//
// Every object is watched by a cache of its own that knows one name only, which is what permissions that are
// limited to resource names allow. The caches hold metadata, not the contents of the Secret: events say when
// to look, and Reconcile looks.
func (r *Reconciler) SetupWithManager(mgr manager.Manager) error {
	builder := ctrl.NewControllerManagedBy(mgr).Named(controllerName)

	watch := func(kind schema.GroupVersionKind, namespace, name string) error {
		options := cache.Options{
			HTTPClient:           mgr.GetHTTPClient(),
			Scheme:               mgr.GetScheme(),
			Mapper:               mgr.GetRESTMapper(),
			DefaultFieldSelector: fields.OneTermEqualSelector("metadata.name", name),
		}
		if namespace != "" {
			options.DefaultNamespaces = map[string]cache.Config{namespace: {}}
		}
		one, err := cache.New(mgr.GetConfig(), options)
		if err != nil {
			return fmt.Errorf("making a cache for %s %s: %w", kind.Kind, name, err)
		}
		if err := mgr.Add(one); err != nil {
			return fmt.Errorf("adding the cache for %s %s: %w", kind.Kind, name, err)
		}
		object := &metav1.PartialObjectMetadata{}
		object.SetGroupVersionKind(kind)
		builder.WatchesRawSource(source.Kind(one, object, handler.TypedEnqueueRequestsFromMapFunc(everything)))
		return nil
	}

	secret := r.options.Secret
	if err := watch(corev1.SchemeGroupVersion.WithKind("Secret"), secret.Namespace, secret.Name); err != nil {
		return err
	}
	for _, t := range r.options.Targets {
		if err := watch(t.kind, "", t.name); err != nil {
			return err
		}
	}
	if err := builder.Complete(r); err != nil {
		return fmt.Errorf("setting up the %s controller: %w", controllerName, err)
	}
	return nil
}

// everything maps each event to the one request there is, so that a burst becomes one run.
func everything(context.Context, *metav1.PartialObjectMetadata) []reconcile.Request {
	return []reconcile.Request{{}}
}
