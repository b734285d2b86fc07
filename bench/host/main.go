// Command host measures what looking after Windows hosts costs: a pass over a host on which there is nothing to do, a
// configuration from bare, fifty hosts at once, and the agent's own size and memory.
//
// A Windows host under Wine has the real agent and real programs: its times are those of the agent. Fifty hosts in memory,
// each behind an SSH server of this process, are a node as the sample configuration describes it: their traffic is that
// of a real node, and their times are those of the manager, and of the servers that share its two cores.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/mullion-dev/mullion/bench/internal/program"
	"github.com/mullion-dev/mullion/test/winhost"
)

func main() { program.Main("host", run) }

func run(ctx context.Context, flags *flag.FlagSet, args []string, out io.Writer) error {
	rounds := flags.Int("rounds", 9, "how often a pass without changes is measured")
	hosts := flags.Int("hosts", 50, "how many hosts there are at once")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *rounds < 1 || *hosts < 1 {
		return errors.New("rounds and hosts must be positive")
	}
	fleet, err := measureFleet(ctx, *hosts)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "%d hosts at once, in memory, one manager (and their SSH servers) on this machine:\n%s\n", *hosts, fleet); err != nil {
		return err
	}
	single, err := measureWindows(ctx, *rounds)
	if unavailable := (*winhost.UnavailableError)(nil); errors.As(err, &unavailable) {
		fmt.Fprintln(os.Stderr, "NOTHING WAS MEASURED ON WINDOWS HOSTS:", unavailable)
		return nil
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "One host under Wine, with the real agent:\n%s\nTarget: a pass without changes in 1 s and 20 kB.\n", single)
	return err
}
