// Package app wires the node manager together.
package app

import (
	"context"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"

	"github.com/mullion-dev/mullion/cmd/internal/command"
)

// NewCommand makes the program's command. It runs until its context ends.
func NewCommand() *cobra.Command {
	o := newOptions()
	return command.Program{
		Name:  "nodemanager",
		Short: "Keep what the policies of a cluster need, and look after its Windows hosts",
		Long: `The node manager of Mullion.

It keeps the RuntimeClasses of the builds that WindowsBuildPolicies name, shows in each policy's status what
the cluster makes of it, and lets the API server trust the webhook.

With --manage-hosts it also looks after Windows hosts: it configures them over SSH, joins them, upgrades them and
gives them back, under the same policies. Hosts come from WindowsHosts and from the sources that are turned on.

Of several replicas one works; the others take over when it is gone.`,
		Flags:    o.flags(),
		Logging:  o.logging,
		Validate: o.validate,
		Run:      func(ctx context.Context, log logr.Logger) error { return run(ctx, o, log) },
	}.Command()
}
