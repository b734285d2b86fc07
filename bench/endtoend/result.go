package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/mullion-dev/mullion/bench/internal/paired"
)

// result is what was measured of one contender. Durations are in microseconds.
type result struct {
	contender contender
	p50, p99  float64
	// apiServerCPU and webhookCPU are medians over the rounds, per request.
	apiServerCPU, webhookCPU float64
	// toNothing and toPolicy compare the median latency of each round with that of no webhook, and of the
	// policy in the API server.
	toNothing, toPolicy paired.Quartiles
}

func summarize(all []*running) []result {
	p50Of := func(name string) []float64 {
		return all[slices.IndexFunc(all, func(r *running) bool { return r.contender.name == name })].p50
	}
	results := make([]result, len(all))
	for i, r := range all {
		results[i] = result{
			contender:    r.contender,
			p50:          paired.Quantile(r.took, 0.5),
			p99:          paired.Quantile(r.took, 0.99),
			apiServerCPU: paired.Quantile(r.apiServerCPU, 0.5),
			webhookCPU:   paired.Quantile(r.webhookCPU, 0.5),
			toNothing:    paired.Ratios(r.p50, p50Of(nothing)),
			toPolicy:     paired.Ratios(r.p50, p50Of(inProcess)),
		}
	}
	return results
}

func printTable(out io.Writer, plan plan, inFlight int, results []result) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "p50\tp99\tAPI server CPU\twebhook CPU\tp50 to none\tto policy\tquartiles\t  contender")
	for _, r := range results {
		fmt.Fprintf(table, "%.0f µs\t%.0f µs\t%.0f µs\t%.0f µs\t%.2f×\t%.2f×\t%.2f–%.2f\t  %s\n",
			r.p50, r.p99, r.apiServerCPU, r.webhookCPU,
			r.toNothing.Median, r.toPolicy.Median, r.toPolicy.Low, r.toPolicy.High, r.contender.title)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("printing the table: %w", err)
	}
	_, err := fmt.Fprintf(out, "\nPer pod created, or asked about, %d in flight, %d rounds of %v each. Target: ours at most what the policy takes.\n\n",
		inFlight, plan.rounds, plan.turn)
	return err
}
