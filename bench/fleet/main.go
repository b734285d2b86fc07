// Command fleet measures what looking after many Windows hosts costs the node manager, which is the program itself, installed
// from the shipped manifests into a real control plane: how long it takes until 20 hosts that are made known at once are
// nodes, and what 1,000 nodes on which there is nothing to do cost a minute.
//
// The hosts are in memory, in the process of the benchmark, each with the real agent behind an SSH server and a hollow
// kubelet: the machine works for them as well. What the node manager uses is read of its own process.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "fleet:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	log.SetLogger(logr.Discard())
	flags := flag.NewFlagSet("fleet", flag.ContinueOnError)
	first := flags.Int("join", 20, "hosts of which the joining is timed")
	hosts := flags.Int("hosts", 1000, "hosts at rest, those included")
	window := flags.Duration("window", 5*time.Minute, "how long they are watched at rest")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *first < 1 || *hosts < *first || *window <= 0 {
		return errors.New("there must be hosts to join, as many at rest at least, and a time to watch them")
	}
	result, err := measure(ctx, *first, *hosts, *window)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(os.Stdout, result)
	return err
}
