package host

import (
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
)

const long = `Make a Windows host what it shall be, over SSH, from here: no cluster is asked.

What it shall be is either a WindowsNodeConfig with what a cluster would tell (--config), or the state of a host as
it is (--desired), for services that have nothing to do with Kubernetes.

Our agent is brought to the host, once for each version of it. It observes the host, plans, applies and verifies; it
knows what it made and what it replaced, and remove gives the host back. Nothing else is left running there.

A host is believed by the fingerprint of its key (--host-key), by an authority that has signed it (--host-ca), or,
if you say so, by the key that it showed first (--trust-on-first-use). Without any of them the command ends before
anything is sent, and tells which key the host has, for you to compare.

Exit codes: 0 if the host is as it shall be, 1 if it is not, or is not to be changed; 2 if that could not be found
out, or done.`

// NewCommand makes the subcommand.
func NewCommand(streams genericiooptions.IOStreams) *cobra.Command {
	return newCommand(streams, time.Now)
}

// newCommand makes the subcommand with the clock that hosts' clocks are compared with.
func newCommand(streams genericiooptions.IOStreams, now func() time.Time) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "host",
		Short: "Plan, configure, check and give back a Windows host over SSH",
		Long:  long,
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		newFactsCommand(streams, now), newPlanCommand(streams, now), newApplyCommand(streams, now), newVerifyCommand(streams, now),
		newRemoveCommand(streams, now),
	)
	return cmd
}
