package hostsource

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

// WatchNamed asks for a reconciliation, always the same, whenever one object appears, changes or is gone.
//
// The object is watched by a cache of its own that knows one name only, which is what permissions that are limited to
// resource names allow. The cache holds metadata: events say when to look, and whoever looks reads the object.
func WatchNamed(mgr manager.Manager, kind schema.GroupVersionKind, name types.NamespacedName, request reconcile.Request) (source.Source, error) {
	one, err := cache.New(mgr.GetConfig(), cache.Options{
		HTTPClient:           mgr.GetHTTPClient(),
		Scheme:               mgr.GetScheme(),
		Mapper:               mgr.GetRESTMapper(),
		DefaultFieldSelector: fields.OneTermEqualSelector("metadata.name", name.Name),
		DefaultNamespaces:    map[string]cache.Config{name.Namespace: {}},
	})
	if err != nil {
		return nil, fmt.Errorf("making a cache for %s %s: %w", kind.Kind, name, err)
	}
	if err := mgr.Add(one); err != nil {
		return nil, fmt.Errorf("adding the cache for %s %s: %w", kind.Kind, name, err)
	}
	metadata := &metav1.PartialObjectMetadata{}
	metadata.SetGroupVersionKind(kind)
	return source.Kind(one, metadata, handler.TypedEnqueueRequestsFromMapFunc(
		func(context.Context, *metav1.PartialObjectMetadata) []reconcile.Request {
			return []reconcile.Request{request}
		})), nil
}
