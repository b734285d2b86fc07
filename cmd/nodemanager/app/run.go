package app

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/mullion-dev/mullion/cmd/internal/connect"
	"github.com/mullion-dev/mullion/cmd/internal/readiness"
	"github.com/mullion-dev/mullion/pkg/clusterstate"
	"github.com/mullion-dev/mullion/pkg/version"
)

const (
	// leaseName is the Lease of leader election. The Role that permits it names it, too.
	leaseName = "mullion-nodemanager"
	// shutdownTimeout is how long reconciliations under way may take to end: less than the 30 seconds after
	// which Kubernetes kills a pod, so that the Lease is still given back.
	shutdownTimeout = 20 * time.Second
)

// run works until the context ends, or until the Lease is lost, which is an error: Kubernetes starts the
// program anew.
func run(ctx context.Context, o *options, log logr.Logger) error {
	log.Info("starting", "version", version.Get().String())
	mgr, err := newManager(o, log)
	if err != nil {
		return err
	}
	tracker, err := clusterstate.New(mgr.GetCache(), clusterstate.Options{
		Log: log.WithName("clusterstate"), Metrics: metrics.Registry,
	})
	if err != nil {
		return fmt.Errorf("following the cluster: %w", err)
	}
	if err := mgr.Add(tracker); err != nil {
		return fmt.Errorf("following the cluster: %w", err)
	}
	if err := addControllers(ctx, mgr, tracker, o); err != nil {
		return err
	}
	if err := readiness.Add(mgr, log, map[string]healthz.Checker{"cluster": tracker.ReadyCheck}); err != nil {
		return err
	}
	if err := mgr.Start(ctx); err != nil {
		return fmt.Errorf("running the node manager: %w", err)
	}
	log.Info("stopped")
	return nil
}

func newManager(o *options, log logr.Logger) (manager.Manager, error) {
	config, err := connect.Config(o.kubeconfig, "nodemanager", connect.Limits{PerSecond: 200, Burst: 400})
	if err != nil {
		return nil, err
	}
	scheme, err := connect.Scheme()
	if err != nil {
		return nil, err
	}
	timeout := shutdownTimeout
	mgr, err := ctrl.NewManager(config, manager.Options{
		Scheme:                  scheme,
		Logger:                  log,
		Cache:                   cacheOptions(o),
		LeaderElection:          o.leaderElect,
		LeaderElectionID:        leaseName,
		LeaderElectionNamespace: o.namespace,
		// Everything has ended when Start returns, so the next replica need not wait for the Lease to run out.
		LeaderElectionReleaseOnCancel: true,
		Metrics:                       metricsserver.Options{BindAddress: o.metricsAddress},
		HealthProbeBindAddress:        o.healthAddress,
		GracefulShutdownTimeout:       &timeout,
	})
	if err != nil {
		return nil, fmt.Errorf("connecting to the cluster: %w", err)
	}
	return mgr, nil
}

// cacheOptions are those of a cache that holds no more of the cluster than what is looked at.
func cacheOptions(o *options) cache.Options {
	detail := clusterstate.ForPlacement
	if o.hosts.Manage {
		detail = clusterstate.ForHosts
	}
	all := clusterstate.CacheOptions(detail)
	maps.Copy(all.ByObject, o.hosts.CacheOptions(o.namespace))
	return all
}
