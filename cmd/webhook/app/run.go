package app

import (
	"context"
	"crypto/tls"
	"fmt"
	"time"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	"github.com/mullion-dev/mullion/cmd/internal/connect"
	"github.com/mullion-dev/mullion/cmd/internal/images"
	"github.com/mullion-dev/mullion/cmd/internal/readiness"
	"github.com/mullion-dev/mullion/pkg/clusterstate"
	"github.com/mullion-dev/mullion/pkg/placement"
	"github.com/mullion-dev/mullion/pkg/version"
)

// limits bound what is asked of the API server: namespaces and pull secrets that are not known yet, for which
// reviews wait. client-go's own limit of five in a second would make them wait for each other.
func limits() connect.Limits { return connect.Limits{PerSecond: 200, Burst: 400} }

// shutdownTimeout is how long reviews under way may take to end, which is longer than any of them may run.
const shutdownTimeout = 30 * time.Second

// run serves until the context ends.
func run(ctx context.Context, o *options, log logr.Logger) error {
	log.Info("starting", "version", version.Get().String())
	mgr, err := newManager(o, log)
	if err != nil {
		return err
	}
	certificate, err := newCertificate(o, mgr, log)
	if err != nil {
		return err
	}
	server, err := newServer(o.webhookAddress, certificate)
	if err != nil {
		return err
	}
	tracker, err := clusterstate.New(mgr.GetCache(), clusterstate.Options{
		Log: log.WithName("clusterstate"), Namespaces: true, Metrics: metrics.Registry,
	})
	if err != nil {
		return fmt.Errorf("following the cluster: %w", err)
	}
	facts, err := images.New(o.images, images.Dependencies{
		Program: "webhook", Reader: mgr.GetAPIReader(), Registry: metrics.Registry,
	})
	if err != nil {
		return err
	}
	// Not with the manager's other parts, which end before the server does: it goes on answering for a while.
	defer facts.Close()
	known := &cluster{tracker: tracker, reader: mgr.GetAPIReader()}
	endpoints, err := newEndpoints(placement.NewEvaluator(known, facts), o, log)
	if err != nil {
		return err
	}
	for name, handler := range endpoints {
		server.Register("/"+name, handler)
	}
	if err := addPolicyAPI(mgr, o, certificate, known, facts, endpoints, log.WithName("policyapi")); err != nil {
		return fmt.Errorf("composing the policy API: %w", err)
	}
	for _, runnable := range []manager.Runnable{certificate, server, tracker} {
		if err := mgr.Add(runnable); err != nil {
			return fmt.Errorf("composing the webhook: %w", err)
		}
	}
	if err := readiness.Add(mgr, log, map[string]healthz.Checker{
		"certificate": certificate.Ready,
		"cluster":     tracker.ReadyCheck,
		"server":      server.StartedChecker(),
	}); err != nil {
		return err
	}
	if err := mgr.Start(ctx); err != nil {
		return fmt.Errorf("running the webhook: %w", err)
	}
	log.Info("stopped")
	return nil
}

func newManager(o *options, log logr.Logger) (manager.Manager, error) {
	config, err := connect.Config(o.kubeconfig, "webhook", limits())
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
		Cache:                   clusterstate.CacheOptions(clusterstate.ForPlacement),
		Metrics:                 metricsserver.Options{BindAddress: o.metricsAddress},
		HealthProbeBindAddress:  o.healthAddress,
		GracefulShutdownTimeout: &timeout,
	})
	if err != nil {
		return nil, fmt.Errorf("connecting to the cluster: %w", err)
	}
	return mgr, nil
}

// newServer serves over TLS at an address, and drains when it is to stop.
func newServer(address string, certificate certificate, more ...func(*tls.Config)) (*drainingServer, error) {
	host, port, err := splitAddress(address)
	if err != nil {
		return nil, fmt.Errorf("reading address %q: %w", address, err)
	}
	serve := func(config *tls.Config) {
		config.MinVersion = tls.VersionTLS12
		config.GetCertificate = certificate.GetCertificate
	}
	return &drainingServer{drain: drainTime, Server: webhook.NewServer(webhook.Options{
		Host: host, Port: port, TLSOpts: append([]func(*tls.Config){serve}, more...),
	})}, nil
}
