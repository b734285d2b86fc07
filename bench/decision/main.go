// Command decision measures what the decision itself costs, without the webhook around it: how long
// [policy.Evaluate] computes, for clusters of different sizes. It must not grow with them.
//
// Every question is asked in every cluster, in batches of a few milliseconds that take turns, so that whatever else
// the machine does meets all of them, and is compared turn by turn with the same question in the smallest cluster.
package main

import (
	"context"
	"errors"
	"flag"
	"io"

	"github.com/mullion-dev/mullion/bench/internal/program"
)

func main() { program.Main("decision", run) }

func run(ctx context.Context, flags *flag.FlagSet, args []string, out io.Writer) error {
	rounds := flags.Int("rounds", 60, "turns that each question takes in each cluster")
	batch := flags.Int("batch", 1000, "decisions in a turn")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *rounds < 1 || *batch < 1 {
		return errors.New("rounds and batch must be positive")
	}
	results, err := measure(ctx, sizes(), questions(), *rounds, *batch)
	if err != nil {
		return err
	}
	return printTable(out, questions(), results)
}
