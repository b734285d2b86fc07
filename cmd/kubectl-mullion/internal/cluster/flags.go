// Package cluster is how the plugin reaches a cluster: by kubectl's own flags, with errors that say what to do
// about them, and bounded in time.
package cluster

import (
	"context"
	"io"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/rest"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/terminal"
	"github.com/mullion-dev/mullion/pkg/version"
)

// requestTimeout is how long to wait for one answer unless the user says otherwise. kubectl would wait for ever.
const requestTimeout = "30s"

// Discovery asks once for every group that the cluster has, in a burst. These are kubectl's figures.
const (
	discoveryBurst = 300
	discoveryQPS   = 50
)

// Flags are kubectl's flags about the cluster: --context, --namespace, --kubeconfig, --as and so on.
type Flags struct {
	config *genericclioptions.ConfigFlags
	// warnings takes what the API server warns of.
	warnings rest.WarningHandler
}

// NewFlags makes the flags with kubectl's defaults, but for the time to wait for an answer. What the API server warns of
// is written to errOut, each warning once.
func NewFlags(errOut io.Writer) *Flags {
	config := genericclioptions.NewConfigFlags(true).WithDiscoveryBurst(discoveryBurst).WithDiscoveryQPS(discoveryQPS)
	timeout := requestTimeout
	config.Timeout = &timeout
	return &Flags{config, rest.NewWarningWriter(errOut, rest.WarningWriterOptions{Deduplicate: true, Color: terminal.Is(errOut)})}
}

// AddFlags adds the flags to a command, with their completion.
func (f *Flags) AddFlags(cmd *cobra.Command) {
	f.config.AddFlags(cmd.Flags())
	f.addCompletion(cmd)
}

// wrap has every request made from now on end with the context.
func (f *Flags) wrap(ctx context.Context) {
	f.config.WrapConfigFn = func(config *rest.Config) *rest.Config {
		config.UserAgent = version.Get().UserAgent("kubectl-mullion")
		// The server says when it has enough, and the callers here bound what they ask at a time.
		config.QPS = -1
		config.WarningHandler = f.warnings
		config.Wrap(endWith(ctx))
		return config
	}
}
