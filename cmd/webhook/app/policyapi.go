package app

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	"github.com/mullion-dev/mullion/cmd/internal/images"
	"github.com/mullion-dev/mullion/pkg/policyapi"
	"github.com/mullion-dev/mullion/pkg/policyapi/review"
)

// listenRetry is how long after a failure the policy API is tried to be served again.
const listenRetry = 10 * time.Second

// addPolicyAPI adds the policy API to what the manager runs, unless it is switched off. The endpoints are served there
// too, where that is wanted.
func addPolicyAPI(mgr manager.Manager, o *options, certificate certificate, cluster *cluster, facts *images.Images,
	endpoints map[string]http.Handler, log logr.Logger,
) error {
	if o.policyAPIAddress == disabled {
		return nil
	}
	api, err := newPolicyAPI(mgr, o, cluster, facts, endpoints, log)
	if err != nil {
		return err
	}
	server, err := newServer(o.policyAPIAddress, certificate, clientCertificates)
	if err != nil {
		return fmt.Errorf("--policy-api-bind-address: %w", err)
	}
	server.Register("/", api)
	return mgr.Add(&tolerantServer{drainingServer: server, run: api.Run, retry: listenRetry, log: log})
}

func newPolicyAPI(mgr manager.Manager, o *options, cluster *cluster, facts *images.Images,
	endpoints map[string]http.Handler, log logr.Logger,
) (*policyapi.Server, error) {
	reviewer, err := review.New(review.Options{Cluster: cluster, Images: facts, Scope: scope{own: o.namespace}})
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfigAndClient(mgr.GetConfig(), mgr.GetHTTPClient())
	if err != nil {
		return nil, fmt.Errorf("making a client for the policy API: %w", err)
	}
	observer, err := policyapi.NewMetrics(metrics.Registry)
	if err != nil {
		return nil, err
	}
	options := policyapi.Options{
		Reviewer: reviewer, Client: client, MaxInFlight: o.policyAPIMaxInFlight, Logger: log, Observer: observer,
	}
	if o.aggregatedAdmission {
		options.Admission = endpoints
	}
	api, err := policyapi.New(options)
	if err != nil {
		return nil, err
	}
	return api, api.RegisterReadiness(metrics.Registry)
}

// clientCertificates has clients asked for a certificate, which the policy API looks at itself.
func clientCertificates(config *tls.Config) { config.ClientAuth = tls.RequestClientCert }

// tolerantServer is a server whose failure ends nothing else: it is tried again. In this process admission is served,
// which goes on without it.
type tolerantServer struct {
	*drainingServer
	// run is what goes on beside serving.
	run   func(ctx context.Context)
	retry time.Duration
	log   logr.Logger
}

var _ webhook.Server = (*tolerantServer)(nil)

// Start serves until the context ends, and returns no error.
func (s *tolerantServer) Start(ctx context.Context) error {
	go s.run(ctx)
	for {
		err := s.drainingServer.Start(ctx)
		if ctx.Err() != nil || err == nil {
			return nil //nolint:nilerr // It was told to end, and how it did is in the log of the server.
		}
		s.log.Error(err, "the policy API is not served, and admission goes on", "retryIn", s.retry.String())
		select {
		case <-time.After(s.retry):
		case <-ctx.Done():
			return nil
		}
	}
}
