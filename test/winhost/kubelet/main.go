// Command kubelet is a hollow kubelet for Windows hosts: for its flags, configuration file, bootstrap kubeconfig,
// certificates, Node object and lease it is a kubelet; but it runs no containers, and only says of pods that they run.
// Flags that it has no use for are accepted, since it is started as the real one is.
//
// It builds for Linux too, where it reports what it is told to instead of the registry's facts.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/pflag"
	"k8s.io/klog/v2"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		klog.ErrorS(err, "The kubelet ends")
		klog.Flush()
		os.Exit(1)
	}
}

func run(args []string) error {
	var o options
	flags := pflag.NewFlagSet("kubelet", pflag.ContinueOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	o.addTo(flags)
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("reading the command line: %w", err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if o.windowsService {
		return runAsService(ctx, "kubelet", o.run)
	}
	return o.run(ctx, func() {})
}
