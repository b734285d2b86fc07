package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

func printTable(out io.Writer, questions []question, results []result) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(table, "nodes\tpolicies\t")
	for _, q := range questions {
		fmt.Fprintf(table, "%s\tratio\t", q.title)
	}
	fmt.Fprintln(table)
	for _, r := range results {
		fmt.Fprintf(table, "%d\t%d\t", r.size.nodes, r.size.policies)
		for i := range questions {
			fmt.Fprintf(table, "%.2f µs\t%.2f×\t", r.micros[i], r.ratios[i].Median)
		}
		fmt.Fprintln(table)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("printing the table: %w", err)
	}

	var slowest, steepest float64
	for _, r := range results {
		slowest = max(slowest, slices.Max(r.micros))
	}
	for _, ratio := range results[len(results)-1].ratios {
		steepest = max(steepest, ratio.Median)
	}
	_, err := fmt.Fprintf(out, "\nThe costliest decision takes %.2f µs of CPU; the largest cluster costs at most %.2f× the smallest.\n"+
		"Target: under 10 µs, and flat.\n", slowest, steepest)
	return err
}
