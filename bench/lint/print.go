package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

func printTable(out io.Writer, results []result) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "manifests\tin\toutput\telapsed\tworst\tCPU\t")
	var slowest time.Duration
	for _, r := range results {
		in := "files"
		if r.oneFile {
			in = "one file"
		}
		fmt.Fprintf(table, "%d\t%s\t%s\t%d ms\t%d ms\t%d ms\t\n", r.manifests, in, r.format,
			r.elapsed.Milliseconds(), r.worst.Milliseconds(), r.cpu.Milliseconds())
		if r.manifests == target {
			slowest = max(slowest, r.worst)
		}
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("printing the table: %w", err)
	}
	_, err := fmt.Fprintf(out, "\n%d manifests take at most %d ms.\nTarget: %d manifests in under 2 s.\n", target, slowest.Milliseconds(), target)
	return err
}
