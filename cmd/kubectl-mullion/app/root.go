package app

import (
	"fmt"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/bundle"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/explain"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/fleet"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/host"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/images"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/lint"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/plan"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/supportbundle"
	"github.com/mullion-dev/mullion/pkg/version"
)

const long = `Tell where Windows pods would run, and why not, before anybody applies them; and make Windows hosts what they
shall be.

Exit codes, of every subcommand:
  0  answered, and there is nothing to object to
  1  answered, and the answer is no; what is wrong has been printed
  2  not answered: a flag is wrong, a file cannot be read, the cluster or host is out of reach

With kubectl's own completion set up, a link named kubectl_complete-mullion to this program, beside it on the
PATH, completes "kubectl mullion" as well.`

// newCommand makes the plugin's command.
func newCommand(streams genericiooptions.IOStreams) *cobra.Command {
	cmd := &cobra.Command{
		Use:           "kubectl-mullion",
		Short:         "Tell where Windows pods would run, and why not",
		Long:          long,
		Version:       version.Get().String(),
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl mullion"},
		SilenceErrors: true, // Run prints them.
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.SetIn(streams.In)
	cmd.SetOut(streams.Out)
	cmd.SetErr(streams.ErrOut)
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w\nSee '%s --help'", err, cmd.CommandPath())
	})
	cmd.AddCommand(
		bundle.NewCommand(streams),
		explain.NewCommand(streams),
		fleet.NewCommand(streams),
		host.NewCommand(streams),
		images.NewCommand(streams),
		lint.NewCommand(streams),
		plan.NewCommand(streams),
		supportbundle.NewCommand(streams),
		newVersionCommand(streams),
	)
	return cmd
}
