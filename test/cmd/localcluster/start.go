package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/mullion-dev/mullion/test/localcluster"
	"github.com/mullion-dev/mullion/test/localcluster/hollow"
)

type startOptions struct {
	cluster      localcluster.Options
	windowsNodes map[string]int
	linuxNodes   int
}

func newStartCommand() *cobra.Command {
	var o startOptions
	cmd := &cobra.Command{
		Use:     "start",
		Short:   "Run the control plane until interrupted",
		Example: "  localcluster start --nodes 10.0.17763=1,10.0.20348=2,10.0.26100=1",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.cluster.Log = cmd.ErrOrStderr()
			return o.run(cmd.Context(), cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.StringToIntVar(&o.windowsNodes, "nodes", nil, "hollow Windows nodes to add, as BUILD=COUNT")
	flags.IntVar(&o.linuxNodes, "linux-nodes", 1, "hollow Linux nodes to add")
	flags.BoolVar(&o.cluster.RunPods, "run-pods", true, "report pods on hollow nodes as running")
	flags.StringVar(&o.cluster.DataDir, "data-dir", "", "keep data and logs in this folder (default: a temporary one, removed at the end)")
	flags.DurationVar(&o.cluster.NodeGracePeriod, "node-grace-period", 0, "how long a node may be silent until it is NotReady (default: Kubernetes')")
	return cmd
}

func (o *startOptions) run(ctx context.Context, out io.Writer) (err error) {
	started := time.Now()
	cluster, err := localcluster.Start(ctx, o.cluster)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cluster.Stop()) }() //nolint:contextcheck // An interrupt ends ctx and starts the stop.

	nodes, err := cluster.Nodes.Add(ctx, o.nodeSpecs()...)
	if err != nil {
		return err
	}
	for _, node := range nodes {
		if err := cluster.Nodes.WaitSchedulable(ctx, node.Name()); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(out, `The control plane is up after %s, with %d nodes. Logs are in %s.

  export KUBECONFIG=%s
  alias kubectl=%s

Interrupt (Ctrl-C) to end everything.
`, time.Since(started).Round(time.Millisecond), len(nodes), cluster.DataDir(), cluster.Kubeconfig(), cluster.KubectlPath())
	if err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func (o *startOptions) nodeSpecs() []hollow.NodeSpec {
	var specs []hollow.NodeSpec
	for i := range o.linuxNodes {
		specs = append(specs, hollow.NodeSpec{Name: fmt.Sprintf("linux-%d", i+1)})
	}
	for _, build := range slices.Sorted(maps.Keys(o.windowsNodes)) {
		for i := range o.windowsNodes[build] {
			specs = append(specs, hollow.NodeSpec{Name: fmt.Sprintf("windows-%s-%d", build, i+1), Build: build})
		}
	}
	return specs
}
