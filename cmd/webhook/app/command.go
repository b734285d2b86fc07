// Package app wires the webhook together.
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
		Name:  "webhook",
		Short: "Place Windows pods on nodes that can run them",
		Long: `The admission webhook of Mullion.

It answers the API server's admission reviews: pods that are for Windows are given the node selectors, the
RuntimeClass and the tolerations of a build on which their images run, by the WindowsBuildPolicy in force;
pods that no allowed build can run are refused with the reason and what mends it.`,
		Flags:    o.flags(),
		Logging:  o.logging,
		Validate: o.validate,
		Run:      func(ctx context.Context, log logr.Logger) error { return run(ctx, o, log) },
	}.Command()
}
