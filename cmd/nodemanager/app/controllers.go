package app

import (
	"fmt"
	"time"

	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/mullion-dev/mullion/pkg/clusterstate"
	"github.com/mullion-dev/mullion/pkg/policystatus"
	"github.com/mullion-dev/mullion/pkg/runtimeclass"
)

// eventSource names this program in events.
const eventSource = "mullion-nodemanager"

// fleetDelay is how long changes of nodes are gathered before controllers look at them. Statuses follow a
// fleet in motion this closely, and no closer.
const fleetDelay = time.Second

// addControllers adds everything that works while this replica is the leader.
func addControllers(mgr manager.Manager, tracker *clusterstate.Tracker) error {
	for _, add := range []func(manager.Manager, *clusterstate.Tracker) error{
		addRuntimeClasses,
		addPolicyStatus,
	} {
		if err := add(mgr, tracker); err != nil {
			return fmt.Errorf("adding controllers: %w", err)
		}
	}
	return nil
}

func addRuntimeClasses(mgr manager.Manager, tracker *clusterstate.Tracker) error {
	r := &runtimeclass.Reconciler{
		Client: mgr.GetClient(),
		API:    mgr.GetAPIReader(),
		Fleet:  tracker.Fleet,
		Events: mgr.GetEventRecorder(eventSource),
	}
	return r.SetupWithManager(mgr, tracker.Source(fleetDelay, r.Requests))
}

func addPolicyStatus(mgr manager.Manager, tracker *clusterstate.Tracker) error {
	r := &policystatus.Reconciler{
		Client: mgr.GetClient(),
		Fleet:  tracker.Fleet,
		Events: mgr.GetEventRecorder(eventSource),
		Clock:  clock.RealClock{},
	}
	return r.SetupWithManager(mgr, tracker.Source(fleetDelay, r.Requests))
}
