// Package lint is the subcommand that judges manifests without a cluster.
package lint

import (
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
)

const long = `Tell what would become of the Windows pods in manifests, without a cluster.

Every pod, and every object that makes pods, is judged by the policies as the webhook would judge it, and told
in the webhook's words. What only a cluster knows is assumed: there are Ready nodes of every build that a policy
lists, or of those that --builds names; nodes have the labels that pods select them by, and no taints.
Namespaces and RuntimeClasses among the manifests count.

Images are looked up in their registries, with the credentials of docker login, or in the file that
--offline-images names. With --offline nobody is asked, and the policy says what happens to pods whose images
are not known.

Objects that make no pods are skipped. What cannot be read is said, and does not stop the rest.

Exit codes: 0 if there is nothing to object to, 1 if there are findings as bad as --fail-on, 2 if something
could not be read or judged.`

const examples = `  # Everything in a directory, with the images as they are in their registries
  kubectl mullion lint -f deploy/ --policy policy.yaml

  # What Helm or kustomize makes, in a pipeline that must not depend on a registry
  helm template web charts/web | kubectl mullion lint -f - --policy policy.yaml --offline-images images.yaml

  # For a cluster that has nodes of one build only, as findings for a code review
  kubectl mullion lint -f deploy/ --policy policy.yaml --builds 10.0.20348 -o sarif > lint.sarif`

// NewCommand makes the subcommand.
func NewCommand(streams genericiooptions.IOStreams) *cobra.Command {
	o := newOptions(streams)
	cmd := &cobra.Command{
		Use:     "lint -f FILE|DIR|- [--policy FILE]",
		Short:   "Judge manifests without a cluster",
		Long:    long,
		Example: examples,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.validate(); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	o.addFlags(cmd)
	return cmd
}
