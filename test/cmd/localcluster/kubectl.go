package main

import (
	"fmt"
	"os"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/mullion-dev/mullion/test/localcluster"
)

func newKubectlCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "kubectl -- ARGUMENTS",
		Short: "Run kubectl with the KUBECONFIG of the environment",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			executable, err := localcluster.Build(cmd.Context(), "", cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			// Becoming kubectl, instead of running it, leaves it the terminal, the signals and the exit status.
			if err := syscall.Exec(executable, append([]string{"kubectl"}, args...), os.Environ()); err != nil { //nolint:gosec // What we built.
				return fmt.Errorf("running kubectl: %w", err)
			}
			return nil
		},
	}
}
