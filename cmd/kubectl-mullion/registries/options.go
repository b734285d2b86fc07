// Package registries asks registries about images, as the user of the plugin would.
package registries

import (
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/pflag"
)

// Options are what a user can set.
type Options struct {
	// Insecure are the hosts that are spoken to in plain HTTP.
	Insecure []string
	// CAFile names a PEM file of certificate authorities, beside the system's.
	CAFile string
	// Timeout is how long all look-ups may take together.
	Timeout time.Duration
}

// NewOptions are the defaults.
func NewOptions() *Options { return &Options{Timeout: 30 * time.Second} }

// AddFlags adds the flags, which mean the same in every subcommand.
func (o *Options) AddFlags(flags *pflag.FlagSet) {
	flags.StringSliceVar(&o.Insecure, "insecure-registries", o.Insecure, "Registry hosts, with their ports, that are spoken to in plain HTTP.")
	flags.StringVar(&o.CAFile, "registry-ca-file", o.CAFile, "PEM file of certificate authorities for registries, beside the system's.")
	flags.DurationVar(&o.Timeout, "registry-timeout", o.Timeout, "How long registries may take for all images together.")
}

// Validate checks the options without doing anything.
func (o *Options) Validate() error {
	if o.Timeout <= 0 {
		return errors.New("--registry-timeout: must be positive")
	}
	return nil
}

// authorities are those that registries' certificates are checked against; nil is the system's.
func (o *Options) authorities() (*x509.CertPool, error) {
	if o.CAFile == "" {
		return nil, nil //nolint:nilnil // A nil pool is what crypto/tls takes for the system's.
	}
	pem, err := os.ReadFile(o.CAFile)
	if err != nil {
		return nil, fmt.Errorf("reading --registry-ca-file: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("loading the system's certificate authorities: %w", err)
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("reading --registry-ca-file: %s has no certificate in PEM", o.CAFile)
	}
	return pool, nil
}
