// Command kubectl-mullion is a plugin of kubectl: it tells where Windows pods would run, and why not, before
// anybody applies them.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-logr/logr"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/app"
	"github.com/mullion-dev/mullion/pkg/logging"
)

func main() {
	// What libraries would log comes back as an error as well, which is printed once and in words for people.
	logging.Install(logr.Discard())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	streams := genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}
	code := app.Run(ctx, os.Args, streams)
	stop()
	os.Exit(code)
}
