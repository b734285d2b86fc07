package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	"k8s.io/client-go/kubernetes"
	certutil "k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/certificate"
)

// certificateSource returns the certificate to serve with, or an error while there is none.
type certificateSource func() (*tls.Certificate, error)

// servingCertificate asks the cluster for a certificate, which takes until somebody approves it, or makes one that
// nobody trusts.
func (o *options) servingCertificate(client kubernetes.Interface, fromCluster bool) (certificateSource, error) {
	if !fromCluster {
		cert, key, err := certutil.GenerateSelfSignedCertKey(o.nodeName, []net.IP{net.ParseIP(o.nodeIP)}, nil)
		if err != nil {
			return nil, fmt.Errorf("making a serving certificate: %w", err)
		}
		pair, err := tls.X509KeyPair(cert, key)
		return func() (*tls.Certificate, error) { return &pair, nil }, err
	}
	manager, err := certificate.NewManager(&certificate.Config{
		ClientsetFn: func(*tls.Certificate) (kubernetes.Interface, error) { return client, nil },
		Template: &x509.CertificateRequest{
			Subject:     pkix.Name{CommonName: "system:node:" + o.nodeName, Organization: []string{"system:nodes"}},
			DNSNames:    []string{o.nodeName},
			IPAddresses: []net.IP{net.ParseIP(o.nodeIP)},
		},
		SignerName:       certificatesv1.KubeletServingSignerName,
		GetUsages:        usages(certificatesv1.UsageServerAuth),
		CertificateStore: &pemStore{path: filepath.Join(o.certDir, servingCertificateFile)},
	})
	if err != nil {
		return nil, fmt.Errorf("managing the serving certificate: %w", err)
	}
	manager.Start()
	return func() (*tls.Certificate, error) {
		if current := manager.Current(); current != nil {
			return current, nil
		}
		return nil, errors.New("there is no serving certificate yet: its request has not been approved")
	}, nil
}

// serve answers /healthz to everybody. The kubelet proper asks who wants to know.
func serve(ctx context.Context, address string, source certificateSource) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("ok")) // Whoever asked may be gone.
	})
	server := &http.Server{
		Addr: address, Handler: mux, ReadHeaderTimeout: 10 * time.Second,
		TLSConfig: &tls.Config{
			MinVersion:     tls.VersionTLS12,
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return source() },
		},
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.ListenAndServeTLS("", ""); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving on %s: %w", address, err)
	}
	return context.Cause(ctx)
}
