// Package app wires the node manager together.
package app

import (
	"fmt"

	"github.com/spf13/cobra"
	cliflag "k8s.io/component-base/cli/flag"

	"github.com/mullion-dev/mullion/pkg/logging"
	"github.com/mullion-dev/mullion/pkg/version"
)

// NewCommand makes the program's command. It runs until its context ends.
func NewCommand() *cobra.Command {
	o := newOptions()
	cmd := &cobra.Command{
		Use:   "nodemanager",
		Short: "Keep what the policies of a cluster need",
		Long: `The node manager of Mullion.

It keeps the RuntimeClasses of the builds that WindowsBuildPolicies name, and shows in each policy's status
what the cluster makes of it. Of several replicas one works; the others take over when it is gone.`,
		Args:         cobra.NoArgs,
		Version:      version.Get().String(),
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.validate(); err != nil {
				return fmt.Errorf("checking flags: %w", err)
			}
			log, err := o.logging.New(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			logging.Install(log)
			return run(cmd.Context(), o, log)
		},
	}
	sections := o.flags()
	for _, name := range sections.Order {
		cmd.Flags().AddFlagSet(sections.FlagSets[name])
	}
	// Lines are not wrapped to the width of a terminal, so that the help is the same everywhere.
	cliflag.SetUsageAndHelpFunc(cmd, sections, 0)
	return cmd
}
