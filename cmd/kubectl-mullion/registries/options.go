// Package registries asks registries about images, as the user of the plugin would.
package registries

import (
	"errors"
	"time"

	"github.com/spf13/pflag"

	"github.com/mullion-dev/mullion/cmd/internal/registryca"
)

// Options are what a user can set.
type Options struct {
	// Insecure are the hosts that are spoken to in plain HTTP.
	Insecure []string
	// CA are those who sign certificates of registries.
	CA registryca.Options
	// Timeout is how long all look-ups may take together.
	Timeout time.Duration
}

// NewOptions are the defaults.
func NewOptions() *Options { return &Options{Timeout: 30 * time.Second} }

// AddFlags adds the flags, which mean the same in every subcommand.
func (o *Options) AddFlags(flags *pflag.FlagSet) {
	flags.StringSliceVar(&o.Insecure, "insecure-registries", o.Insecure, "Registry hosts, with their ports, that are spoken to in plain HTTP.")
	o.CA.AddFlags(flags)
	flags.DurationVar(&o.Timeout, "registry-timeout", o.Timeout, "How long registries may take for all images together.")
}

// Validate checks the options without doing anything.
func (o *Options) Validate() error {
	if o.Timeout <= 0 {
		return errors.New("--registry-timeout: must be positive")
	}
	return nil
}
