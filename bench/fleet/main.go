// Command fleet measures what looking after many Windows hosts costs the node manager, which is the program itself, installed
// from the shipped manifests into a real control plane: how long it takes until 20 hosts that are made known at once are
// nodes, and what 1,000 nodes on which there is nothing to do cost a minute.
//
// The hosts are in memory, in the process of the benchmark, each with the real agent behind an SSH server and a hollow
// kubelet: the machine works for them as well. What the node manager uses is read of its own process, and what it asks of
// the API server is in the audit log of that.
package main

import (
	"context"
	"flag"
	"io"
	"os"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/mullion-dev/mullion/bench/internal/program"
)

func main() { program.Main("fleet", run) }

func run(ctx context.Context, flags *flag.FlagSet, args []string, out io.Writer) error {
	// A thousand kubelets have much to say of a control plane that ends.
	log.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	var p plan
	flags.IntVar(&p.first, "join", 20, "hosts of which the joining is timed")
	flags.IntVar(&p.hosts, "hosts", 1000, "hosts at rest, those included")
	flags.IntVar(&p.broken, "broken", 0, "hosts besides that never become nodes, most of which hang, and that are made known first")
	flags.DurationVar(&p.resync, "resync", 10*time.Minute, "how often the node manager looks at a host at rest")
	flags.DurationVar(&p.window, "window", 10*time.Minute, "how long hosts are watched at rest")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := p.validate(); err != nil {
		return err
	}
	result, err := p.measure(ctx, os.Stderr)
	if err != nil {
		return err
	}
	return result.print(out)
}
