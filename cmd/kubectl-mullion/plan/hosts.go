package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/cluster"
)

// resource is what WindowsHosts are in the API.
func resource() schema.GroupVersionResource {
	return v1alpha1.SchemeGroupVersion.WithResource("windowshosts")
}

// kind is what each of them says it is.
func kind() schema.GroupVersionKind { return v1alpha1.SchemeGroupVersion.WithKind("WindowsHost") }

// hosts are the WindowsHosts of a cluster.
type hosts struct {
	client  client.Client
	cluster *cluster.Cluster
	// namespace narrows them; empty for all.
	namespace string
}

// newHosts makes a client. It does not ask the cluster anything yet.
func newHosts(c *cluster.Cluster) (*hosts, error) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("registering API types: %w", err)
	}
	mapper := meta.NewDefaultRESTMapper(nil) // So that the cluster need not be asked for all that it has.
	mapper.Add(kind(), meta.RESTScopeNamespace)
	direct, err := client.New(c.Config(), client.Options{Scheme: scheme, Mapper: mapper})
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	return &hosts{client: direct, cluster: c}, nil
}

// list is all of them, by namespace and name.
func (h *hosts) list(ctx context.Context) ([]v1alpha1.WindowsHost, error) {
	var all v1alpha1.WindowsHostList
	if err := h.client.List(ctx, &all, client.InNamespace(h.namespace)); err != nil {
		return nil, h.explain("list", h.namespace, err)
	}
	for i := range all.Items {
		all.Items[i].SetGroupVersionKind(kind())
	}
	slices.SortFunc(all.Items, func(a, b v1alpha1.WindowsHost) int { return strings.Compare(nameOf(&a), nameOf(&b)) })
	return all.Items, nil
}

// find is the one host that the user means by NAME or NAMESPACE/NAME.
func (h *hosts) find(ctx context.Context, argument string) (*v1alpha1.WindowsHost, error) {
	namespace, name, qualified := strings.Cut(argument, "/")
	if !qualified {
		namespace, name = h.namespace, argument
	}
	if name == "" || strings.Contains(name, "/") || qualified && namespace == "" {
		return nil, fmt.Errorf("%q is neither HOST nor NAMESPACE/HOST", argument)
	}
	if namespace != "" {
		return h.get(ctx, client.ObjectKey{Namespace: namespace, Name: name})
	}
	all, err := h.list(ctx)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(host v1alpha1.WindowsHost) bool { return host.Name != name })
	switch len(all) {
	case 0:
		return nil, fmt.Errorf("there is no WindowsHost %q in any namespace; kubectl mullion plan lists those that there are", name)
	case 1:
		return &all[0], nil
	}
	var names []string
	for i := range all {
		names = append(names, nameOf(&all[i]))
	}
	return nil, fmt.Errorf("there are several WindowsHosts %q; say which: %s", name, strings.Join(names, ", "))
}

// get reads one host.
func (h *hosts) get(ctx context.Context, key client.ObjectKey) (*v1alpha1.WindowsHost, error) {
	host := &v1alpha1.WindowsHost{}
	err := h.client.Get(ctx, key, host)
	if apierrors.IsNotFound(err) && !unserved(err) {
		return nil, fmt.Errorf("there is no WindowsHost %s; kubectl mullion plan lists those that there are", key)
	}
	if err != nil {
		return nil, h.explain("get", key.Namespace, err)
	}
	host.SetGroupVersionKind(kind())
	return host, nil
}

// explain says what to do about an error.
func (h *hosts) explain(verb, namespace string, err error) error {
	if apierrors.IsNotFound(err) && unserved(err) {
		return fmt.Errorf("%s knows no WindowsHosts: Mullion is not installed: %w", h.cluster, err)
	}
	return h.cluster.Explain(cluster.Attempt{Verb: verb, Resource: resource().GroupResource(), Namespace: namespace}, err)
}

// unserved tells that it was not an object that was not found, but the resource: the answer is no Status then.
func unserved(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status) && status.Status().Details != nil &&
		slices.ContainsFunc(status.Status().Details.Causes, func(cause metav1.StatusCause) bool {
			return cause.Type == metav1.CauseTypeUnexpectedServerResponse
		})
}

func nameOf(host *v1alpha1.WindowsHost) string { return host.Namespace + "/" + host.Name }
