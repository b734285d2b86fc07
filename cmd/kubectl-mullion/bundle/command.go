// Package bundle is the subcommand that makes node bundles and looks at them.
package bundle

import (
	"github.com/spf13/cobra"
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
