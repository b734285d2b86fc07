package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mullion-dev/mullion/test/winhost"
)

func newSetupCommand() *cobra.Command {
	var optional bool
	cmd := &cobra.Command{
		Use:   "setup",
		Short: "Make what hosts are made from, which takes a minute once, and install what that needs",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := winhost.Setup(cmd.Context(), winhost.SetupOptions{Install: true, Log: cmd.ErrOrStderr()})
			var unavailable *winhost.UnavailableError
			if optional && errors.As(err, &unavailable) {
				_, err = fmt.Fprintln(cmd.ErrOrStderr(), "TESTS ON WINDOWS HOSTS WILL BE SKIPPED:", unavailable)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&optional, "optional", false, "where this machine cannot have hosts, say so and succeed")
	return cmd
}
