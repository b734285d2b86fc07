// Command memory measures what the webhook has resident in a large cluster: the program itself, installed from the
// shipped manifests, with 10,000 Windows nodes in a real API server, and with the facts of 50,000 images that it has
// asked a registry for because pods named them.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"time"

	"k8s.io/client-go/rest"

	"github.com/mullion-dev/mullion/bench/internal/program"
)

func main() { program.Main("memory", run) }

func run(ctx context.Context, flags *flag.FlagSet, args []string, out io.Writer) error {
	nodes := flags.Int("nodes", 10_000, "Windows nodes")
	images := flags.Int("images", 50_000, "images")
	pause := flags.Duration("rest", 30*time.Second, "time at rest before the last look")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *nodes < 1 || *images < 1 || *images > maxImages || *pause < 0 {
		return fmt.Errorf("nodes and images must be positive, images at most %d", maxImages)
	}
	// Pods that do not exist anywhere are warned about, and nobody is to act on it.
	rest.SetDefaultWarningHandler(rest.NoWarnings{})
	results, err := measure(ctx, *nodes, *images, *pause)
	if err != nil {
		return err
	}
	return printTable(out, results)
}
