// Package app joins the subcommands of the plugin.
package app

import (
	"context"
	"fmt"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
)

// Run runs the plugin with the arguments of a process, its own name first, and returns the exit code. An error is
// printed here, and nowhere else.
func Run(ctx context.Context, args []string, streams genericiooptions.IOStreams) int {
	cmd := newCommand(streams) //nolint:contextcheck // Commands get it from cobra, when they are executed.
	cmd.SetArgs(arguments(args))
	err := cmd.ExecuteContext(ctx)
	code := exit.Code(err)
	if code == exit.Failure {
		fmt.Fprintf(streams.ErrOut, "error: %v\n", err)
	}
	return code
}
