package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mullion-dev/mullion/test/localcluster"
)

func newBuildCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "build",
		Short: "Build the control plane, which takes minutes once, and print where it is",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			executable, err := localcluster.Build(cmd.Context(), "", cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), executable)
			return err
		},
	}
}
