// Package access is how subcommands reach the registry that a node bundle is in.
package access

import (
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/spf13/pflag"

	"github.com/mullion-dev/mullion/cmd/internal/registryca"
)

// Options are what a user can set.
type Options struct {
	insecure bool
	ca       registryca.Options
}

// AddFlags adds the flags, which mean the same in every subcommand.
func (o *Options) AddFlags(flags *pflag.FlagSet) {
	flags.BoolVar(&o.insecure, "insecure-registry", false, "Speak plain HTTP to the registry of the bundle.")
	o.ca.AddFlags(flags)
}

// Names are how references of bundles are read: nothing is added to them that is not there.
func (o *Options) Names() []name.Option {
	options := []name.Option{name.StrictValidation}
	if o.insecure {
		options = append(options, name.Insecure)
	}
	return options
}

// Remote is how a registry is asked: with the credentials of docker login, trusting the authorities that were given.
func (o *Options) Remote() ([]remote.Option, error) {
	transport, err := o.ca.Transport()
	if err != nil {
		return nil, err
	}
	return []remote.Option{remote.WithAuthFromKeychain(authn.DefaultKeychain), remote.WithTransport(transport)}, nil
}
