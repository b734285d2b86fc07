// Command endtoend measures what it costs to create a pod through a real API server, with this project's webhook and
// with what one could have instead: the latency that the client sees, and the CPU time of the API server and of the
// webhook.
//
// All contenders are in one API server, each for a namespace of its own. The pod of the captured review is created
// there in a server-side dry run, which does everything but store it, again as soon as it is answered. The contenders
// take turns of a fraction of a second, so that whatever else the machine does meets all of them, and are compared
// turn by turn.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/mullion-dev/mullion/bench/internal/program"
	"github.com/mullion-dev/mullion/bench/internal/reviewserver"
)

func main() { program.Main("endtoend", run) }

func run(ctx context.Context, flags *flag.FlagSet, args []string, out io.Writer) error {
	var plan plan
	flags.IntVar(&plan.rounds, "rounds", 20, "turns that each contender takes")
	flags.DurationVar(&plan.turn, "turn", 400*time.Millisecond, "length of a turn")
	inFlight := flags.String("in-flight", "1,4", "requests in flight; one table for each")
	serve := flags.Bool("serve", false, "serve reviews, as the measuring process asks its child to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *serve {
		return reviewserver.Serve(ctx, noop(), os.Stdin, out)
	}
	for number := range strings.SplitSeq(*inFlight, ",") {
		n, err := strconv.Atoi(number)
		if err != nil {
			return fmt.Errorf("reading -in-flight: %w", err)
		}
		plan.inFlight = append(plan.inFlight, n)
	}
	if err := plan.validate(); err != nil {
		return err
	}
	return perform(ctx, plan, out)
}

// perform sets everything up and measures.
func perform(ctx context.Context, plan plan, out io.Writer) (err error) {
	arena, err := newArena(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, arena.close()) }()
	for _, inFlight := range plan.inFlight {
		results, err := measure(ctx, plan, inFlight, arena)
		if err != nil {
			return err
		}
		if err := printTable(out, plan, inFlight, results); err != nil {
			return err
		}
	}
	return nil
}
