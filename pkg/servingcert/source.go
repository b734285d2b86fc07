package servingcert

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/mullion-dev/mullion/pkg/servingcert/authority"
)

// errNoCertificate is what a TLS client and the readiness probe are told before the first pass is through.
var errNoCertificate = errors.New("there is no serving certificate yet")

// Source serves a certificate of the built-in authority. Its methods are safe for concurrent use; Start
// may be called once.
type Source struct {
	options Options
	issuer  authority.Issuer
	store   store
	metrics *metrics

	// Only the loop in Start touches these two.
	trust   *trust
	problem string // the error of the last pass, so that a lasting one is logged once

	serving atomic.Pointer[leaf]
}

var (
	_ manager.Runnable               = (*Source)(nil)
	_ manager.LeaderElectionRunnable = (*Source)(nil)
	_ healthz.Checker                = (*Source)(nil).Ready
)

// NewSource checks the options and registers metrics; it does not touch the cluster.
func NewSource(options Options) (*Source, error) {
	options = options.withDefaults()
	if err := options.validate(); err != nil {
		return nil, fmt.Errorf("configuring the serving certificate: %w", err)
	}
	m, err := newMetrics(options.Registry)
	if err != nil {
		return nil, err
	}
	return &Source{
		options: options,
		issuer: authority.Issuer{
			Name:         options.Secret.Name,
			CALifetime:   options.CALifetime,
			LeafLifetime: options.LeafLifetime,
			ClockSkew:    options.ClockSkew,
		},
		store:   store{client: options.Client, name: options.Secret},
		metrics: m,
		trust:   newTrust(options.SettleDelay),
	}, nil
}

// Start keeps the certificate good until the context ends. Errors are logged, counted and tried again: a
// cluster that cannot be reached is no reason to stop serving.
func (s *Source) Start(ctx context.Context) error {
	timer := s.options.Clock.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C():
			timer.Reset(s.pass(ctx))
		}
	}
}

// NeedLeaderElection is false: every replica serves.
func (s *Source) NeedLeaderElection() bool { return false }

// GetCertificate is for tls.Config. It takes no lock and never waits.
func (s *Source) GetCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	present := s.serving.Load()
	if present == nil {
		return nil, errNoCertificate
	}
	return present.certificate, nil
}

// Ready is nil when there is a certificate that has not expired and that the API server trusts.
func (s *Source) Ready(*http.Request) error {
	present := s.serving.Load()
	switch {
	case present == nil:
		return errNoCertificate
	case !s.options.Clock.Now().Before(present.certificate.Leaf.NotAfter):
		return errors.New("the serving certificate has expired")
	case !present.accepted:
		return fmt.Errorf("the CA in secret %s is not in every caBundle yet", s.options.Secret)
	}
	return nil
}

// pass runs sync once, within the timeout, and returns the time to the next one.
func (s *Source) pass(ctx context.Context) time.Duration {
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()

	err := s.sync(ctx)
	if errors.Is(err, errRaced) {
		return s.options.RetryInterval
	}
	s.report(err)
	if s.Ready(nil) != nil {
		return s.options.RetryInterval
	}
	return s.options.Interval
}

// report logs an error when it first appears and when it is over, and counts it every time.
func (s *Source) report(err error) {
	if err == nil {
		if s.problem != "" {
			s.options.Log.Info("serving certificate is kept up again")
		}
		s.problem = ""
		return
	}
	s.metrics.errors.Inc()
	if text := err.Error(); text != s.problem {
		s.problem = text
		s.options.Log.Error(err, "keeping up the serving certificate; what is served stays as it is")
	}
}
