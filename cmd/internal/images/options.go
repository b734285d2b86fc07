package images

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
	// Registries are the hosts that may be asked, and InsecureRegistries those that are spoken to in plain HTTP.
	Registries         []string
	InsecureRegistries []string
	// CAFile names a PEM file of certificate authorities, beside the system's.
	CAFile string
	// Budget is how long a caller waits for registries; zero is as long as a look-up takes. A program whose callers
	// have a deadline has a flag for it.
	Budget time.Duration
	// Timeout is how long a look-up may take in all.
	Timeout time.Duration
	// MaxImages is how many images are remembered.
	MaxImages int
	// PullSecrets has registries asked with the pull secrets of pods.
	PullSecrets bool
}

// NewOptions are the defaults, with which a caller waits for a look-up no longer than budget.
func NewOptions(budget time.Duration) *Options {
	return &Options{Budget: budget, Timeout: 30 * time.Second, MaxImages: 50_000, PullSecrets: true}
}

// AddFlags adds the flags that mean the same in every program.
func (o *Options) AddFlags(flags *pflag.FlagSet) {
	flags.StringSliceVar(&o.Registries, "registries", o.Registries, "Registry hosts that may be asked about images, such as mcr.microsoft.com or *.example.com. Empty allows every host.")
	flags.StringSliceVar(&o.InsecureRegistries, "insecure-registries", o.InsecureRegistries, "Registry hosts, with their ports, that are spoken to in plain HTTP.")
	flags.StringVar(&o.CAFile, "registry-ca-file", o.CAFile, "PEM file of certificate authorities for registries, beside the system's.")
	flags.DurationVar(&o.Timeout, "registry-timeout", o.Timeout, "How long a look-up may take. It goes on in the background when nobody waits for it any more.")
	flags.IntVar(&o.MaxImages, "max-images", o.MaxImages, "Images whose facts are remembered.")
	flags.BoolVar(&o.PullSecrets, "pull-secrets", o.PullSecrets, "Ask registries with the pull secrets of the pod. Needs permission to get secrets.")
}

// Validate checks the options without doing anything. The error names every flag at fault.
func (o *Options) Validate() error {
	var errs []error
	if o.Timeout <= 0 {
		errs = append(errs, errors.New("--registry-timeout: must be positive"))
	} else if o.Timeout < o.Budget {
		errs = append(errs, errors.New("--registry-timeout: must not be shorter than --registry-budget"))
	}
	if o.MaxImages <= 0 {
		errs = append(errs, errors.New("--max-images: must be positive"))
	}
	return errors.Join(errs...)
}

// registryCAs are the authorities that registries' certificates are checked against; nil is the system's.
func (o *Options) registryCAs() (*x509.CertPool, error) {
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
