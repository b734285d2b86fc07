// Package program is what is the same in the main functions of all benchmarks.
package program

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Run is what a benchmark does with its arguments. It gets its flags, named after itself, to add its own to and to parse
// the arguments with; what it measures it prints to out.
type Run func(ctx context.Context, flags *flag.FlagSet, args []string, out io.Writer) error

// Main runs a benchmark with the arguments of the process until it is interrupted, and ends the process: with 1 and the
// error if there was one, with 0 if there was none or only help was asked for.
func Main(name string, run Run) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := exitCode(ctx, name, run, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func exitCode(ctx context.Context, name string, run Run, args []string, out, errOut io.Writer) int {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(errOut)
	err := run(ctx, flags, args, out)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return 0
	}
	fmt.Fprintf(errOut, "%s: %v\n", name, err)
	return 1
}
