// Command serving measures what an admission review costs the process that answers it: CPU time, and the
// latency that its client sees, of this project's webhook beside what else one could have written.
//
// Each contender is a process of its own, behind the server that controller-runtime gives its webhooks. One client
// sends the same captured review over one TLS connection and HTTP/2, as an API server does, again as soon as
// it is answered. The contenders take turns of a fraction of a second, so that whatever else the machine does
// meets all of them, and are compared turn by turn.
package main

import (
	"context"
	"flag"
	"io"
	"os"
	"time"

	"github.com/mullion-dev/mullion/bench/internal/program"
)

func main() { program.Main("serving", run) }

func run(ctx context.Context, flags *flag.FlagSet, args []string, out io.Writer) error {
	var plan plan
	flags.IntVar(&plan.rounds, "rounds", 15, "turns that each contender takes")
	flags.DurationVar(&plan.turn, "turn", 500*time.Millisecond, "length of a turn")
	flags.IntVar(&plan.concurrency, "concurrency", 2, "reviews in flight on the one connection")
	flags.StringVar(&plan.profiles, "profiles", "", "folder for a CPU profile of each contender")
	inJSON := flags.Bool("json", false, "print JSON rather than a table")
	serve := flags.String("serve", "", "serve the named contender, as the measuring process asks its children to")
	profile := flags.String("profile", "", "with -serve, the file for its CPU profile")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *serve != "" {
		return serveContender(ctx, *serve, *profile, os.Stdin, out)
	}
	if err := plan.validate(); err != nil {
		return err
	}
	results, err := measure(ctx, plan, contenders())
	if err != nil {
		return err
	}
	if *inJSON {
		return printJSON(out, results)
	}
	return printTable(out, plan, results)
}
