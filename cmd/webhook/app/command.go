// Package app wires the webhook together.
package app

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/mullion-dev/mullion/pkg/logging"
	"github.com/mullion-dev/mullion/pkg/version"
)

// NewCommand makes the program's command. It runs until its context ends.
func NewCommand() *cobra.Command {
	o := newOptions()
	cmd := &cobra.Command{
		Use:   "webhook",
		Short: "Place Windows pods on nodes that can run them",
		Long: `The admission webhook of Mullion.

It answers the API server's admission reviews: pods that are for Windows are given the node selectors, the
RuntimeClass and the tolerations of a build on which their images run, by the WindowsBuildPolicy in force;
pods that no allowed build can run are refused with the reason and what mends it.`,
		Args:          cobra.NoArgs,
		Version:       version.Get().String(),
		SilenceUsage:  true,
		SilenceErrors: false,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.validate(); err != nil {
				return fmt.Errorf("checking flags: %w", err)
			}
			log, err := o.logging.New(os.Stderr)
			if err != nil {
				return err
			}
			logging.Install(log)
			return run(cmd.Context(), o, log)
		},
	}
	o.addFlags(cmd.Flags())
	return cmd
}
