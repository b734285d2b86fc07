package images

import (
	"errors"
	"time"

	"github.com/spf13/pflag"

	"github.com/mullion-dev/mullion/cmd/internal/registryca"
)

// Options are what a user can set.
type Options struct {
	// Registries are the hosts that may be asked, and InsecureRegistries those that are spoken to in plain HTTP.
	Registries         []string
	InsecureRegistries []string
	// CA are those who sign certificates of registries.
	CA registryca.Options
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
	o.CA.AddFlags(flags)
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
