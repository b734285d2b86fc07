package app

import (
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/mullion-dev/mullion/pkg/clusterstate"
	"github.com/mullion-dev/mullion/pkg/policystatus"
	"github.com/mullion-dev/mullion/pkg/runtimeclass"
	"github.com/mullion-dev/mullion/pkg/servingcert/cabundle"
)

// eventSource names this program in events.
const eventSource = "mullion-nodemanager"

// fleetDelay is how long changes of nodes are gathered before controllers look at them. Statuses follow a
// fleet in motion this closely, and no closer.
const fleetDelay = time.Second

// addControllers adds everything that works while this replica is the leader.
func addControllers(mgr manager.Manager, tracker *clusterstate.Tracker, o *options) error {
	for _, add := range []func(manager.Manager, *clusterstate.Tracker, *options) error{
		addRuntimeClasses,
		addPolicyStatus,
		addCABundles,
	} {
		if err := add(mgr, tracker, o); err != nil {
			return fmt.Errorf("adding controllers: %w", err)
		}
	}
	return nil
}

func addRuntimeClasses(mgr manager.Manager, tracker *clusterstate.Tracker, _ *options) error {
	r := &runtimeclass.Reconciler{
		Client: mgr.GetClient(),
		API:    mgr.GetAPIReader(),
		Fleet:  tracker.Fleet,
		Events: mgr.GetEventRecorder(eventSource),
	}
	return r.SetupWithManager(mgr, tracker.Source(fleetDelay, r.Requests))
}

func addPolicyStatus(mgr manager.Manager, tracker *clusterstate.Tracker, o *options) error {
	r := &policystatus.Reconciler{
		Client: mgr.GetClient(),
		Fleet:  tracker.Fleet,
		Events: mgr.GetEventRecorder(eventSource),
		Clock:  clock.RealClock{},
	}
	sources := []source.Source{tracker.Source(fleetDelay, r.Requests)}
	workloads, err := addCensus(mgr, tracker, o)
	if err != nil {
		return fmt.Errorf("counting workloads: %w", err)
	}
	if workloads != nil {
		r.Workloads = workloads.Count
		sources = append(sources, workloads.Source(r.Requests))
	}
	return r.SetupWithManager(mgr, sources...)
}

// addCABundles adds what makes the API server trust the webhook's built-in authority, where that is in use.
func addCABundles(mgr manager.Manager, _ *clusterstate.Tracker, o *options) error {
	if o.caSecret == "" {
		return nil
	}
	r, err := cabundle.NewReconciler(cabundle.Options{
		Reader: mgr.GetAPIReader(),
		Writer: mgr.GetClient(),
		Secret: types.NamespacedName{Namespace: o.namespace, Name: o.caSecret},
		Targets: []cabundle.Target{
			cabundle.MutatingWebhook(o.mutatingName),
			cabundle.ValidatingWebhook(o.validatingName),
			cabundle.APIService(o.apiServiceName),
		},
	})
	if err != nil {
		return err
	}
	return r.SetupWithManager(mgr)
}
