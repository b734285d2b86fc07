package app

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/mullion-dev/mullion/cmd/internal/images"
	"github.com/mullion-dev/mullion/cmd/nodemanager/app/hosts"
	"github.com/mullion-dev/mullion/pkg/clusterstate"
	"github.com/mullion-dev/mullion/pkg/policystatus"
	"github.com/mullion-dev/mullion/pkg/rollout"
	"github.com/mullion-dev/mullion/pkg/runtimeclass"
	"github.com/mullion-dev/mullion/pkg/servingcert/cabundle"
)

// eventSource names this program in events.
const eventSource = "mullion-nodemanager"

// fleetDelay is how long changes of nodes are gathered before controllers look at them. Statuses follow a
// fleet in motion this closely, and no closer.
const fleetDelay = time.Second

// common is what controllers share.
type common struct {
	tracker *clusterstate.Tracker
	images  *images.Images
	// config is how the API server is reached.
	config *rest.Config
	// rollouts measures how far hosts are; nil where none are looked after.
	rollouts *rollout.Metrics
}

// addControllers adds everything that works while this replica is the leader.
func addControllers(ctx context.Context, mgr manager.Manager, tracker *clusterstate.Tracker, o *options) error {
	facts, err := addImages(mgr, o)
	if err != nil {
		return err
	}
	c := &common{tracker: tracker, images: facts, config: mgr.GetConfig()}
	if o.hosts.Manage {
		if c.rollouts, err = rollout.NewMetrics(metrics.Registry); err != nil {
			return fmt.Errorf("measuring rollouts: %w", err)
		}
	}
	for _, add := range []func(manager.Manager, *common, *options) error{
		addRuntimeClasses,
		addPolicyStatus,
		addCABundles,
	} {
		if err := add(mgr, c, o); err != nil {
			return fmt.Errorf("adding controllers: %w", err)
		}
	}
	return addHosts(ctx, mgr, c, o)
}

// addHosts adds what looks after Windows hosts, where that is wanted.
func addHosts(ctx context.Context, mgr manager.Manager, c *common, o *options) error {
	return hosts.Add(ctx, mgr, hosts.Dependencies{
		Config: c.config, Namespace: o.namespace, EventSource: eventSource,
		Snapshot: snapshotOf(c.tracker), Images: c.images, InsecureRegistries: o.images.InsecureRegistries,
		RegistryCA: o.images.CA, Rollouts: c.rollouts,
	}, o.hosts)
}

func addRuntimeClasses(mgr manager.Manager, c *common, _ *options) error {
	r := &runtimeclass.Reconciler{
		Client: mgr.GetClient(),
		API:    mgr.GetAPIReader(),
		Fleet:  c.tracker.Fleet,
		Events: mgr.GetEventRecorder(eventSource),
	}
	return r.SetupWithManager(mgr, c.tracker.Source(fleetDelay, r.Requests))
}

func addPolicyStatus(mgr manager.Manager, c *common, o *options) error {
	r := &policystatus.Reconciler{
		Client: mgr.GetClient(),
		Fleet:  c.tracker.Fleet,
		Events: mgr.GetEventRecorder(eventSource),
		Clock:  clock.RealClock{},
	}
	if c.rollouts != nil { // A nil pointer would be an interface that is not nil.
		r.Rollouts = c.rollouts
	}
	sources := []source.Source{c.tracker.Source(fleetDelay, r.Requests)}
	workloads, err := addCensus(mgr, c, o)
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
func addCABundles(mgr manager.Manager, _ *common, o *options) error {
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
