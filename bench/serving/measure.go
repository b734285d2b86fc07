package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/mullion-dev/mullion/bench/internal/closedloop"
	"github.com/mullion-dev/mullion/bench/internal/paired"
	"github.com/mullion-dev/mullion/bench/internal/reviewserver"
	"github.com/mullion-dev/mullion/bench/internal/usage"
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
	contender contender
	server    *reviewserver.Child
	client    *client

	// perReview is the CPU time per review of each round.
	perReview []time.Duration
	// took is how long each review took, of all rounds.
	took []time.Duration
	// peak is the most memory resident so far, in bytes.
	peak int64
}

// measure gives the contenders their turns, round by round.
func measure(ctx context.Context, plan plan, contenders []contender) (results []result, err error) {
	var all []*running
	defer func() {
		for _, r := range all {
			err = errors.Join(err, r.stop())
		}
	}()
	for _, contender := range contenders {
		r, err := start(ctx, contender, plan.profiles)
		if err != nil {
			return nil, fmt.Errorf("starting %s: %w", contender.name, err)
		}
		all = append(all, r)
	}
	for _, r := range all {
		if err := r.warmUp(ctx, plan); err != nil {
			return nil, fmt.Errorf("warming up %s: %w", r.contender.name, err)
		}
	}
	err = paired.Rounds(ctx, plan.rounds, len(all), func(i int) error {
		if err := all[i].turn(ctx, plan); err != nil {
			return fmt.Errorf("measuring %s: %w", all[i].contender.name, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return summarize(all), nil
}

// start starts the process that serves a contender, and makes a client of it.
func start(ctx context.Context, contender contender, profiles string) (*running, error) {
	review, err := contender.review()
	if err != nil {
		return nil, err
	}
	args := []string{"-serve", contender.name}
	if profiles != "" {
		args = append(args, "-profile", filepath.Join(profiles, contender.name+".pprof"))
	}
	server, err := reviewserver.Start(ctx, args...)
	if err != nil {
		return nil, err
	}
	client, err := newClient(server, review)
	if err != nil {
		return nil, errors.Join(err, server.Stop())
	}
	return &running{contender: contender, server: server, client: client}, nil
}

func (r *running) stop() error {
	r.client.close()
	return r.server.Stop()
}

// warmUp makes sure that the contender does what it should, and lets it settle.
func (r *running) warmUp(ctx context.Context, plan plan) error {
	if _, err := r.client.check(ctx); err != nil {
		return err
	}
	_, err := r.load(ctx, plan)
	return err
}

func (r *running) turn(ctx context.Context, plan plan) error {
	before, err := usage.CPU(r.server.PID())
	if err != nil {
		return err
	}
	took, err := r.load(ctx, plan)
	if err != nil {
		return err
	}
	after, err := usage.CPU(r.server.PID())
	if err != nil {
		return err
	}
	memory, err := usage.MemoryOf(r.server.PID())
	if err != nil {
		return err
	}
	r.perReview = append(r.perReview, (after-before)/time.Duration(len(took)))
	r.took = append(r.took, took...)
	r.peak = memory.Peak
	return nil
}

func (r *running) load(ctx context.Context, plan plan) ([]time.Duration, error) {
	return closedloop.Run(ctx, plan.concurrency, plan.turn, func(ctx context.Context) error {
		_, _, err := r.client.send(ctx)
		return err
	})
}
