package app

import (
	"context"
	"fmt"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/clusterstate"
	"github.com/mullion-dev/mullion/pkg/version"
)

const (
	// leaseName is the Lease of leader election. The Role that permits it names it, too.
	leaseName = "mullion-nodemanager"
	// shutdownTimeout is how long reconciliations under way may take to end: less than the 30 seconds after
	// which Kubernetes kills a pod, so that the Lease is still given back.
	shutdownTimeout = 20 * time.Second
	// requestsPerSecond and requestBurst bound what a fault of this program can cost the API server.
	requestsPerSecond = 50
	requestBurst      = 100
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
	if err := addControllers(mgr, tracker, o); err != nil {
		return err
	}
	if err := addChecks(mgr, tracker); err != nil {
		return err
	}
	if err := mgr.Start(ctx); err != nil {
		return fmt.Errorf("running the node manager: %w", err)
	}
	log.Info("stopped")
	return nil
}

func newManager(o *options, log logr.Logger) (manager.Manager, error) {
	config, err := clientcmd.BuildConfigFromFlags("", o.kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("reading how to reach the cluster: %w", err)
	}
	config.UserAgent = version.Get().UserAgent("nodemanager")
	config.QPS = requestsPerSecond
	config.Burst = requestBurst
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, fmt.Errorf("registering API types: %w", err)
		}
	}
	timeout := shutdownTimeout
	mgr, err := ctrl.NewManager(config, manager.Options{
		Scheme:                  scheme,
		Logger:                  log,
		Cache:                   clusterstate.CacheOptions(),
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

// addChecks makes the program ready once it knows the cluster, whether or not it is the leader. It is
// healthy as long as it answers.
func addChecks(mgr manager.Manager, tracker *clusterstate.Tracker) error {
	if err := mgr.AddReadyzCheck("cluster", tracker.ReadyCheck); err != nil {
		return fmt.Errorf("adding the readiness check: %w", err)
	}
	if err := mgr.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return fmt.Errorf("adding the liveness check: %w", err)
	}
	return nil
}
