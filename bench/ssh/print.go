package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/mullion-dev/mullion/bench/internal/paired"
	"github.com/mullion-dev/mullion/pkg/ssh"
)

func printTable(out io.Writer, contenders []contender, rates [][]float64) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "upload\tratio\tquartiles\t  contender")
	for i, c := range contenders {
		ratio := paired.Ratios(rates[i], rates[0])
		fmt.Fprintf(table, "%.0f MB/s\t%.2f×\t%.2f–%.2f\t  %s\n",
			paired.Quantile(rates[i], 0.5), ratio.Median, ratio.Low, ratio.High, c.title)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("printing the table: %w", err)
	}
	return nil
}

func printTraffic(out io.Writer, traffic ssh.Traffic) error {
	_, err := fmt.Fprintf(out, "\nA host on which there is nothing to do, logging in included: %d bytes sent, %d received.\n"+
		"Target: near the sftp of OpenSSH, and 20 kB.\n", traffic.Sent, traffic.Received)
	return err
}
