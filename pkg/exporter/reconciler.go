package exporter

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// fieldOwner is the manager of the objects' fields.
const fieldOwner = client.FieldOwner("mullion-nodemanager")

// Reconciler keeps the Service and its EndpointSlices. It keeps nothing between calls.
type Reconciler struct {
	// Client reads hosts, node configs, nodes, the Service and its slices, which may come from a cache, and writes the
	// last two.
	Client client.Client
	// API reads the Service from the API server itself.
	API client.Reader
	// Namespace is where the Service is.
	Namespace string
	// Events is told of a Service that is in the way.
	Events events.EventRecorder
}

var _ reconcile.Reconciler = (*Reconciler)(nil)

// Reconcile brings all slices into their planned state. There is one request only, whatever has changed.
func (r *Reconciler) Reconcile(ctx context.Context, _ reconcile.Request) (reconcile.Result, error) {
	endpoints, err := r.endpoints(ctx)
	if err != nil {
		return reconcile.Result{}, err
	}
	service, err := r.service(ctx)
	if err != nil || service == nil {
		return reconcile.Result{}, err
	}
	var live discoveryv1.EndpointSliceList
	err = r.Client.List(ctx, &live, client.InNamespace(r.Namespace),
		client.MatchingLabels{discoveryv1.LabelServiceName: ServiceName, discoveryv1.LabelManagedBy: keeper})
	if err != nil {
		return reconcile.Result{}, fmt.Errorf("listing EndpointSlices: %w", err)
	}
	return reconcile.Result{}, r.keep(ctx, Slices(endpoints), live.Items, service)
}

// keep applies the slices that differ and deletes those that nobody wants. One that fails does not stop the others.
func (r *Reconciler) keep(ctx context.Context, wanted []Slice, live []discoveryv1.EndpointSlice, service *corev1.Service) error {
	surplus := map[string]*discoveryv1.EndpointSlice{}
	for i := range live {
		surplus[live[i].Name] = &live[i]
	}
	var errs []error
	for i := range wanted {
		s := &wanted[i]
		there := surplus[s.Name]
		delete(surplus, s.Name)
		if there != nil && s.is(there, service) {
			continue
		}
		if err := r.Client.Apply(ctx, s.configuration(service), fieldOwner, client.ForceOwnership); err != nil {
			errs = append(errs, fmt.Errorf("applying EndpointSlice %s: %w", s.Name, err))
			continue
		}
		ctrl.LoggerFrom(ctx).Info("EndpointSlice applied", "slice", s.Name, "endpoints", len(s.Endpoints))
	}
	for name, slice := range surplus {
		if err := r.Client.Delete(ctx, slice); client.IgnoreNotFound(err) != nil {
			errs = append(errs, fmt.Errorf("deleting EndpointSlice %s: %w", name, err))
			continue
		}
		ctrl.LoggerFrom(ctx).Info("EndpointSlice deleted", "slice", name)
	}
	return errors.Join(errs...)
}

// endpoints reads what there is.
func (r *Reconciler) endpoints(ctx context.Context) ([]Endpoint, error) {
	var hosts v1alpha1.WindowsHostList
	if err := r.Client.List(ctx, &hosts); err != nil {
		return nil, fmt.Errorf("listing hosts: %w", err)
	}
	var configs v1alpha1.WindowsNodeConfigList
	if err := r.Client.List(ctx, &configs); err != nil {
		return nil, fmt.Errorf("listing node configs: %w", err)
	}
	var nodes corev1.NodeList
	if err := r.Client.List(ctx, &nodes, client.MatchingLabels{corev1.LabelOSStable: string(corev1.Windows)}); err != nil {
		return nil, fmt.Errorf("listing nodes: %w", err)
	}
	ready := make(map[string]bool, len(nodes.Items))
	for i := range nodes.Items {
		ready[nodes.Items[i].Name] = isReady(&nodes.Items[i])
	}
	return Endpoints(hosts.Items, configs.Items, func(node string) bool { return ready[node] }), nil
}
