package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/mullion-dev/mullion/bench/internal/cluster"
	"github.com/mullion-dev/mullion/bench/internal/paired"
	"github.com/mullion-dev/mullion/bench/internal/usage"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// size is how large a cluster is.
type size struct{ nodes, policies int }

// sizes are the clusters to ask in, the smallest first, with which the others are compared, and the largest last.
func sizes() []size {
	return []size{{10, 1}, {1_000, 1}, {10_000, 1}, {10, 100}, {1_000, 100}, {10_000, 100}}
}

// result is what deciding costs in clusters of one size, one value for each question.
type result struct {
	size size
	// micros is the median over the rounds of the CPU time of one decision, in microseconds.
	micros []float64
	// ratios are to the same question in the smallest cluster.
	ratios []paired.Quartiles
}

// cell is one question in one cluster.
type cell struct {
	request *policy.Request
	facts   *policy.Facts
	// micros are the CPU time of one decision, of each round.
	micros []float64
}

func measure(ctx context.Context, sizes []size, questions []question, rounds, batch int) ([]result, error) {
	cells, err := newCells(sizes, questions)
	if err != nil {
		return nil, err
	}
	err = paired.Rounds(ctx, rounds, len(cells), func(i int) error { return cells[i].turn(batch) })
	if err != nil {
		return nil, err
	}
	results := make([]result, len(sizes))
	for s, size := range sizes {
		results[s].size = size
		for q := range questions {
			micros := cells[s*len(questions)+q].micros
			results[s].micros = append(results[s].micros, paired.Quantile(micros, 0.5))
			results[s].ratios = append(results[s].ratios, paired.Ratios(micros, cells[q].micros))
		}
	}
	return results, nil
}

// newCells makes cells cluster by cluster, and makes sure that the questions are answered as they should.
func newCells(sizes []size, questions []question) ([]*cell, error) {
	cells := make([]*cell, 0, len(sizes)*len(questions))
	for _, size := range sizes {
		snapshot, err := cluster.Snapshot(size.nodes, size.policies)
		if err != nil {
			return nil, err
		}
		for _, question := range questions {
			request, err := question.request()
			if err != nil {
				return nil, err
			}
			c := &cell{request: request, facts: facts(request, snapshot)}
			decision, err := policy.Evaluate(c.request, c.facts)
			switch {
			case err != nil:
				return nil, fmt.Errorf("deciding a pod that is to be %s: %w", question.title, err)
			case question.denied != (decision.Denial != nil), question.denied == (decision.Choice() != nil):
				return nil, fmt.Errorf("a pod that is to be %s got: %v", question.title, decision.Denial)
			}
			cells = append(cells, c)
		}
	}
	return cells, nil
}

// turn decides so many times.
func (c *cell) turn(batch int) error {
	before, err := usage.CPU(os.Getpid())
	if err != nil {
		return err
	}
	for range batch {
		if _, err := policy.Evaluate(c.request, c.facts); err != nil {
			return fmt.Errorf("deciding: %w", err)
		}
	}
	after, err := usage.CPU(os.Getpid())
	if err != nil {
		return err
	}
	c.micros = append(c.micros, float64(after-before)/float64(batch)/float64(time.Microsecond))
	return nil
}
