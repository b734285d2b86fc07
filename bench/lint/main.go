// Command lint measures how long kubectl mullion lint takes for many manifests, without a cluster or a registry: the
// whole program, from its start to its end.
//
// Every manifest is a Deployment of two containers with its Service and its ConfigMap, as Helm renders them. Programs
// are started in turns, so that whatever else the machine does meets all of them.
package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"os"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/mullion-dev/mullion/bench/internal/program"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/app"
)

// asProgram is the first argument by which this program is the plugin itself.
const asProgram = "as-plugin"

func main() {
	if len(os.Args) > 1 && os.Args[1] == asProgram {
		os.Exit(bePlugin(os.Args[2:]))
	}
	program.Main("lint", run)
}

func bePlugin(args []string) int {
	streams := genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}
	return app.Run(context.Background(), append([]string{"kubectl-mullion"}, args...), streams)
}

func run(ctx context.Context, flags *flag.FlagSet, args []string, out io.Writer) error {
	rounds := flags.Int("rounds", 9, "how often each is measured")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *rounds < 1 {
		return errors.New("rounds must be positive")
	}
	results, err := measure(ctx, cases(), *rounds)
	if err != nil {
		return err
	}
	return printTable(out, results)
}
