package servingcert

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/certwatcher"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/manager"
)

// Files serves a certificate that somebody else keeps in files and reloads it when they change. Files that
// cannot be read, or do not fit together while they are being replaced, leave the last good pair in use.
// Its methods are safe for concurrent use; Start may be called once.
type Files struct {
	watcher *certwatcher.CertWatcher
}

var (
	_ manager.Runnable               = (*Files)(nil)
	_ manager.LeaderElectionRunnable = (*Files)(nil)
	_ healthz.Checker                = (*Files)(nil).Ready
)

// NewFiles reads a PEM certificate, with its intermediates, and its key. It fails if that is not possible
// now: a process that was given wrong paths should say so when it starts.
func NewFiles(certFile, keyFile string, registry prometheus.Registerer) (*Files, error) {
	watcher, err := certwatcher.New(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("loading the serving certificate %s with key %s: %w", certFile, keyFile, err)
	}
	m, err := newMetrics(registry)
	if err != nil {
		return nil, err
	}
	watcher.RegisterCallback(func(c tls.Certificate) {
		m.rotations.WithLabelValues(labelLeaf, "file").Inc()
		m.expiry.WithLabelValues(labelLeaf).Set(float64(c.Leaf.NotAfter.Unix()))
	})
	return &Files{watcher: watcher}, nil
}

// Start follows the files until the context ends.
func (f *Files) Start(ctx context.Context) error {
	if err := f.watcher.Start(ctx); err != nil {
		return fmt.Errorf("watching the files of the serving certificate: %w", err)
	}
	return nil
}

// NeedLeaderElection is false: every replica serves.
func (f *Files) NeedLeaderElection() bool { return false }

// GetCertificate is for tls.Config.
func (f *Files) GetCertificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	return f.watcher.GetCertificate(hello)
}

// Ready is nil unless the certificate in use has expired.
func (f *Files) Ready(*http.Request) error {
	certificate, err := f.watcher.GetCertificate(nil)
	switch {
	case err != nil:
		return err
	case certificate == nil || certificate.Leaf == nil:
		return errNoCertificate
	case !time.Now().Before(certificate.Leaf.NotAfter):
		return errors.New("the serving certificate has expired")
	}
	return nil
}
