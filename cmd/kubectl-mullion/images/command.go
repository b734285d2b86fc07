// Package images is the subcommand that tells what registries say about images.
package images

import (
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
)

const long = `Tell what registries say about images: the digest, whether it names an index or a single image, the platforms,
and the Windows builds on which the image runs.

Which images run on which builds is the built-in table's answer, for process isolation on every release of
Windows Server. With --policy it is the answer for the builds, the isolation and the compatibility of a policy.

Registries are asked with the credentials of docker login. With -o yaml or json the answer is a file for
kubectl mullion lint --offline-images.

Exit codes: 0 if every image could be inspected, 1 if one could not, 2 if none could be asked for.`

const examples = `  # What is behind two references
  kubectl mullion images mcr.microsoft.com/windows/servercore:ltsc2022 mcr.microsoft.com/dotnet/aspnet:8.0

  # What is known of all images in manifests, to lint without registries later
  kubectl mullion images -f deploy/ -o yaml > images.yaml`

// NewCommand makes the subcommand.
func NewCommand(streams genericiooptions.IOStreams) *cobra.Command {
	o := newOptions(streams)
	cmd := &cobra.Command{
		Use:               "images [REF…] [-f FILE|DIR|-]",
		Short:             "Tell what registries say about images",
		Long:              long,
		Example:           examples,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.references = args
			if err := o.validate(); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	o.addFlags(cmd)
	return cmd
}
