package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

func printTable(out io.Writer, results []result) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "resident\tanonymous\tpeak\tlive heap\t  after")
	for _, r := range results {
		fmt.Fprintf(table, "%.0f MiB\t%.0f MiB\t%.0f MiB\t%.0f MiB\t  %s\n",
			mebibytes(r.Resident), mebibytes(r.Anonymous), mebibytes(r.Peak), mebibytes(r.liveHeap), r.after)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("printing the table: %w", err)
	}
	_, err := fmt.Fprintln(out, "\nTarget: under 100 MiB resident in the end.")
	return err
}

func mebibytes(bytes int64) float64 { return float64(bytes) / (1 << 20) }
