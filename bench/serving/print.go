package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
)

func printTable(out io.Writer, plan plan, results []result) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "CPU/review\tratio\tquartiles\tp50\tp99\tmemory\t  contender")
	for _, r := range results {
		fmt.Fprintf(table, "%.0f µs\t%.2f×\t%.2f–%.2f\t%.0f µs\t%.0f µs\t%.0f MiB\t  %s\n",
			r.CPU, r.Ratio, r.RatioLow, r.RatioHigh, r.P50, r.P99, r.MaxResidentMiB, r.Title)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("printing the table: %w", err)
	}
	_, err := fmt.Fprintf(out, "\n%d rounds of %v each, %d reviews in flight on one HTTP/2 connection over TLS.\n",
		plan.rounds, plan.turn, plan.concurrency)
	return err
}

func printJSON(out io.Writer, results []result) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(results)
}
