package machines

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostsource"
)

// workers is how many Machines are looked at at once.
const workers = 4

// run follows the Machines of a version until the context ends. What it starts ends with it.
func (s *Source) run(ctx context.Context, mgr manager.Manager, version string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	options := cache.Options{
		HTTPClient:           mgr.GetHTTPClient(),
		Scheme:               mgr.GetScheme(),
		Mapper:               mgr.GetRESTMapper(),
		DefaultLabelSelector: s.Machines.Selector,
		DefaultTransform:     cache.TransformStripManagedFields(),
	}
	if s.Machines.Namespace != "" {
		options.DefaultNamespaces = map[string]cache.Config{s.Machines.Namespace: {}}
	}
	selected, err := cache.New(mgr.GetConfig(), options)
	if err != nil {
		return fmt.Errorf("making a cache of Machines: %w", err)
	}
	// It is begun anew whenever the machine API comes back.
	follow, err := controller.NewUnmanaged(s.Machines.Source, controller.Options{
		Reconciler:              &reconciler{Source: s, keeper: s.newKeeper(), version: version, machines: selected},
		MaxConcurrentReconciles: workers,
		Logger:                  mgr.GetLogger(),
		SkipNameValidation:      ptr.To(true),
	})
	if err != nil {
		return fmt.Errorf("making a controller of Machines: %w", err)
	}
	machine := &unstructured.Unstructured{}
	machine.SetGroupVersionKind(s.Machines.kind(version))
	for _, watched := range []source.Source{
		source.Kind(selected, machine, &handler.TypedEnqueueRequestForObject[*unstructured.Unstructured]{}),
		source.Kind[client.Object](untilEnd{mgr.GetCache(), ctx}, &v1alpha1.WindowsHost{},
			handler.EnqueueRequestsFromMapFunc(s.requestOfHost), predicate.And(predicate.NewPredicateFuncs(s.isOurs), hostsource.SpecOrMetadataChanged())),
	} {
		if err := follow.Watch(watched); err != nil {
			return fmt.Errorf("watching for Machines and their hosts: %w", err)
		}
	}
	ended := make(chan error, 1)
	go func() { ended <- selected.Start(ctx) }()
	err = follow.Start(ctx)
	cancel()
	if failed := <-ended; err == nil {
		err = failed
	}
	if err != nil {
		return fmt.Errorf("following Machines: %w", err)
	}
	return nil
}

func (s *Source) isOurs(host client.Object) bool {
	return host.GetLabels()[v1alpha1.LabelHostSource] == s.Machines.Source
}

// requestOfHost asks for the Machine of a WindowsHost.
func (s *Source) requestOfHost(_ context.Context, object client.Object) []reconcile.Request {
	host, ok := object.(*v1alpha1.WindowsHost)
	if !ok || host.Spec.Machine == nil {
		return nil
	}
	return []reconcile.Request{{NamespacedName: types.NamespacedName{
		Namespace: host.Spec.Machine.Namespace, Name: host.Spec.Machine.Name,
	}}}
}
