// Package bundle is the subcommand that makes node bundles and looks at them.
package bundle

import (
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericiooptions"
)

const long = `Make node bundles and look at them.

A node bundle is an OCI artifact with the programs of a Windows node: kubelet, containerd, network plugins. A
WindowsNodeConfig names it by its digest, and with that every byte of it. Files are neither packed nor compressed:
what two bundles have in common is stored and sent once.

Registries are asked with the credentials of docker login.`

// NewCommand makes the subcommand.
func NewCommand(streams genericiooptions.IOStreams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bundle",
		Short: "Build, push and show bundles of node programs",
		Long:  long,
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newBuildCommand(streams), newPushCommand(streams), newShowCommand(streams))
	return cmd
}

// access are the flags of subcommands that talk to one.
type access struct{ insecure bool }

func (a *access) addFlags(flags *pflag.FlagSet) {
	flags.BoolVar(&a.insecure, "insecure-registry", false, "Speak plain HTTP to the registry.")
}

func (a *access) names() []name.Option {
	options := []name.Option{name.StrictValidation}
	if a.insecure {
		options = append(options, name.Insecure)
	}
	return options
}

func credentials() remote.Option { return remote.WithAuthFromKeychain(authn.DefaultKeychain) }
