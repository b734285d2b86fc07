package fleet

import (
	"context"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/cluster"
)

// reader reads the objects of a cluster, without a cache, with errors that say what to do about them.
type reader struct {
	client.Reader
	cluster *cluster.Cluster
	scheme  *runtime.Scheme
	mapper  meta.RESTMapper
	// namespace narrows what is read of objects in namespaces; empty for all.
	namespace string
}

// newReader makes a reader. It does not ask the cluster anything yet.
func newReader(c *cluster.Cluster) (*reader, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, fmt.Errorf("registering API types: %w", err)
		}
	}
	mapper := newMapper()
	direct, err := client.New(c.Config(), client.Options{Scheme: scheme, Mapper: mapper})
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	return &reader{Reader: direct, cluster: c, scheme: scheme, mapper: mapper}, nil
}

// newMapper knows the resources of the kinds that are read, so that the cluster need not be asked for all that it has.
func newMapper() meta.RESTMapper {
	mapper := meta.NewDefaultRESTMapper(nil)
	for _, kind := range []string{"Node", "Namespace"} {
		mapper.Add(corev1.SchemeGroupVersion.WithKind(kind), meta.RESTScopeRoot)
	}
	mapper.Add(nodev1.SchemeGroupVersion.WithKind("RuntimeClass"), meta.RESTScopeRoot)
	mapper.Add(v1alpha1.SchemeGroupVersion.WithKind("WindowsBuildPolicy"), meta.RESTScopeRoot)
	for _, kind := range []schema.GroupVersionKind{
		corev1.SchemeGroupVersion.WithKind("Pod"), corev1.SchemeGroupVersion.WithKind("ReplicationController"),
		appsv1.SchemeGroupVersion.WithKind("ReplicaSet"), appsv1.SchemeGroupVersion.WithKind("StatefulSet"),
		appsv1.SchemeGroupVersion.WithKind("DaemonSet"), batchv1.SchemeGroupVersion.WithKind("Job"),
	} {
		mapper.Add(kind, meta.RESTScopeNamespace)
	}
	return mapper
}

// Get reads one object.
func (r *reader) Get(ctx context.Context, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
	attempt, _, err := r.attempt("get", object)
	if err != nil {
		return err
	}
	attempt.Namespace = key.Namespace
	return r.cluster.Explain(attempt, r.Reader.Get(ctx, key, object, options...))
}

// List lists objects, of the namespace that the user means where they are in one.
func (r *reader) List(ctx context.Context, list client.ObjectList, options ...client.ListOption) error {
	attempt, namespaced, err := r.attempt("list", list)
	if err != nil {
		return err
	}
	if namespaced && r.namespace != "" {
		attempt.Namespace = r.namespace
		options = append(options, client.InNamespace(r.namespace))
	}
	return r.cluster.Explain(attempt, r.Reader.List(ctx, list, options...))
}

// attempt is what an error about an object, or a list of such objects, is about.
func (r *reader) attempt(verb string, object runtime.Object) (cluster.Attempt, bool, error) {
	kind, err := apiutil.GVKForObject(object, r.scheme)
	if err != nil {
		return cluster.Attempt{}, false, fmt.Errorf("finding out the kind of %T: %w", object, err)
	}
	kind.Kind = strings.TrimSuffix(kind.Kind, "List")
	mapping, err := r.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return cluster.Attempt{}, false, fmt.Errorf("finding out the resource of %s: %w", kind.Kind, err)
	}
	namespaced := mapping.Scope.Name() == meta.RESTScopeNameNamespace
	return cluster.Attempt{Verb: verb, Resource: mapping.Resource.GroupResource()}, namespaced, nil
}
