// Command demo-stage runs the demonstration; see package demo. Command demo builds it first.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/mullion-dev/mullion/test/demo"
)

func main() {
	keep := flag.Bool("keep", false, "leave everything running until interrupted")
	flag.Parse()

	log.SetLogger(logr.Discard()) // The client of our kinds would complain that it has nowhere to log to.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	switch err := demo.Run(ctx, demo.Options{Out: os.Stdout, Keep: *keep}); {
	case err != nil && ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "\nInterrupted. Everything that was started has been stopped.")
		os.Exit(130) //nolint:gocritic // As a shell reports an interrupt. The signal handler goes with the process.
	case err != nil:
		fmt.Fprintf(os.Stderr, "\n%v\n", err)
		os.Exit(1)
	}
}
