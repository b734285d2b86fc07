// Command winhost runs Windows hosts on this machine. See package winhost for what is real in them.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := newCommand().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1) //nolint:gocritic // The process ends: its signal handler goes with it.
	}
}

func newCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "winhost",
		Short:         "Run Windows hosts on this machine",
		SilenceUsage:  true,
		SilenceErrors: true, // main prints them.
	}
	cmd.AddCommand(newSetupCommand(), newStartCommand())
	return cmd
}
