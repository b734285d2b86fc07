// Package registryca has a program trust those who sign the certificates of registries, beside the system's authorities.
package registryca

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/spf13/pflag"
)

// Flag is the name of the flag.
const Flag = "registry-ca-file"

// Options are what a user can set.
type Options struct {
	// File has certificates of authorities in PEM; empty is none but the system's.
	File string
}

// AddFlags adds the flag, which means the same in every program and subcommand.
func (o *Options) AddFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.File, Flag, o.File, "PEM file of certificate authorities for registries, beside the system's.")
}

// Pool are the authorities that registries' certificates are checked against; nil is the system's. The error names the
// flag.
func (o *Options) Pool() (*x509.CertPool, error) {
	if o.File == "" {
		return nil, nil //nolint:nilnil // A nil pool is what crypto/tls takes for the system's.
	}
	pem, err := os.ReadFile(o.File)
	if err != nil {
		return nil, fmt.Errorf("reading --%s: %w", Flag, err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("loading the system's certificate authorities: %w", err)
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("reading --%s: %s has no certificate in PEM", Flag, o.File)
	}
	return pool, nil
}

// Transport is go-containerregistry's own, with these authorities.
func (o *Options) Transport() (http.RoundTripper, error) {
	pool, err := o.Pool()
	if err != nil || pool == nil {
		return remote.DefaultTransport, err
	}
	usual, ok := remote.DefaultTransport.(*http.Transport)
	if !ok {
		return nil, errors.New("trusting authorities of registries: the usual transport is somebody else's")
	}
	transport := usual.Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return transport, nil
}
