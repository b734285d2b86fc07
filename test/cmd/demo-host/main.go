// Command demo-host runs the demonstration with Windows hosts; see package demohost.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-logr/logr"

	"github.com/mullion-dev/mullion/pkg/logging"
	"github.com/mullion-dev/mullion/test/demohost"
	"github.com/mullion-dev/mullion/test/winhost"
)

func main() {
	logging.Install(logr.Discard()) // As the plugin does, whose commands run here.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	fmt.Println("\nMullion: Windows hosts that are configured, checked, repaired and given back")
	err := demohost.Run(ctx, demohost.Options{Out: os.Stdout, Install: true})
	var unavailable *winhost.UnavailableError
	switch {
	case err == nil:
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "\nInterrupted. Everything that was started has been stopped.")
		os.Exit(130) //nolint:gocritic // As a shell reports an interrupt. The signal handler goes with the process.
	case errors.As(err, &unavailable):
		fmt.Fprintf(os.Stderr, "\nTHIS MACHINE CANNOT HAVE WINDOWS HOSTS: %s.\nTo see the demonstration, %s, and run it again.\n", unavailable.Reason, unavailable.Advice)
		os.Exit(1)
	default:
		fmt.Fprintf(os.Stderr, "\n%v\n", err)
		os.Exit(1)
	}
}
