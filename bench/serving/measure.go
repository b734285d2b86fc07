package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// plan is how long to measure, and how hard.
type plan struct {
	rounds      int
	turn        time.Duration
	concurrency int
	profiles    string
}

func (p plan) validate() error {
	if p.rounds < 1 || p.turn <= 0 || p.concurrency < 1 {
		return errors.New("rounds, turn and concurrency must be positive")
	}
	return nil
}

// running is a contender while it is measured.
type running struct {
	*child
	client *client

	// perReview is the CPU time per review of each round.
	perReview []time.Duration
	// took is how long each review took, of all rounds.
	took []time.Duration
	// peak is the most memory resident so far, in KiB.
	peak int64
}

// measure gives the contenders their turns, round by round. Each round starts with another contender, so that none
// always follows the same one.
func measure(ctx context.Context, plan plan, contenders []contender) (results []result, err error) {
	var all []*running
	defer func() {
		for _, r := range all {
			r.client.close()
			err = errors.Join(err, r.stop())
		}
	}()
	for _, contender := range contenders {
		child, err := startChild(ctx, contender, plan.profiles)
		if err != nil {
			return nil, err
		}
		review, err := contender.review()
		if err != nil {
			return nil, errors.Join(err, child.stop())
		}
		client, err := newClient(child.hello, review)
		if err != nil {
			return nil, errors.Join(err, child.stop())
		}
		all = append(all, &running{child: child, client: client})
	}
	for _, r := range all {
		if err := r.warmUp(ctx, plan); err != nil {
			return nil, fmt.Errorf("warming up %s: %w", r.contender.name, err)
		}
	}
	for round := range plan.rounds {
		for i := range all {
			r := all[(round+i)%len(all)]
			if err := r.turn(ctx, plan); err != nil {
				return nil, fmt.Errorf("measuring %s: %w", r.contender.name, err)
			}
		}
	}
	return summarize(all), nil
}

// warmUp makes sure that the contender does what it should, and lets it settle.
func (r *running) warmUp(ctx context.Context, plan plan) error {
	if _, err := r.client.check(ctx); err != nil {
		return err
	}
	_, err := r.client.load(ctx, plan.concurrency, plan.turn)
	return err
}

func (r *running) turn(ctx context.Context, plan plan) error {
	before, err := r.usage()
	if err != nil {
		return err
	}
	took, err := r.client.load(ctx, plan.concurrency, plan.turn)
	if err != nil {
		return err
	}
	after, err := r.usage()
	if err != nil {
		return err
	}
	r.perReview = append(r.perReview, (after.CPU-before.CPU)/time.Duration(len(took)))
	r.took = append(r.took, took...)
	r.peak = after.MaxResidentKiB
	return nil
}
