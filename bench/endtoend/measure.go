package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mullion-dev/mullion/bench/internal/closedloop"
	"github.com/mullion-dev/mullion/bench/internal/paired"
	"github.com/mullion-dev/mullion/bench/internal/usage"
)

// plan is how long to measure, and how hard.
type plan struct {
	rounds   int
	turn     time.Duration
	inFlight []int
}

func (p plan) validate() error {
	if p.rounds < 1 || p.turn <= 0 {
		return errors.New("rounds and turn must be positive")
	}
	for _, n := range p.inFlight {
		if n < 1 {
			return errors.New("requests in flight must be positive")
		}
	}
	return nil
}

// running is a contender while it is measured.
type running struct {
	contender contender
	// request makes one request.
	request func(ctx context.Context) error
	// apiServer and webhook are the processes; webhook is 0 where there is none.
	apiServer, webhook int

	// The rest is in microseconds. took is how long each request took, of all rounds.
	took []float64
	// p50, apiServerCPU and webhookCPU have one value for each round; CPU is per request.
	p50, apiServerCPU, webhookCPU []float64
}

// measure gives the contenders their turns, round by round, after one for each that does not count.
func measure(ctx context.Context, plan plan, inFlight int, a *arena) ([]result, error) {
	creator, err := newCreator(a.Config(), a.pod)
	if err != nil {
		return nil, err
	}
	var all []*running
	for _, contender := range contenders() {
		question, err := a.questionOf(contender)
		if err != nil {
			return nil, err
		}
		r := &running{contender: contender, apiServer: a.Cluster.APIServer.PID()}
		r.request = func(ctx context.Context) error { return creator.create(ctx, contender.namespace()) }
		if question != nil {
			r.request = question.ask
		}
		switch {
		case contender.ours:
			r.webhook = a.Webhook().PID()
		case len(contender.webhooks) > 0:
			r.webhook = a.noop.PID()
		}
		all = append(all, r)
	}
	turn := func(i int) error {
		if err := all[i].turn(ctx, inFlight, plan.turn); err != nil {
			return fmt.Errorf("measuring %s: %w", all[i].contender.name, err)
		}
		return nil
	}
	if err := paired.Rounds(ctx, 1, len(all), turn); err != nil {
		return nil, err
	}
	for _, r := range all {
		r.took, r.p50, r.apiServerCPU, r.webhookCPU = nil, nil, nil, nil
	}
	if err := paired.Rounds(ctx, plan.rounds, len(all), turn); err != nil {
		return nil, err
	}
	return summarize(all), nil
}

func (r *running) turn(ctx context.Context, inFlight int, length time.Duration) error {
	before, err := r.cpu()
	if err != nil {
		return err
	}
	durations, err := closedloop.Run(ctx, inFlight, length, r.request)
	if err != nil {
		return err
	}
	after, err := r.cpu()
	if err != nil {
		return err
	}
	took := make([]float64, len(durations))
	for i, d := range durations {
		took[i] = micros(d)
	}
	requests := float64(len(took))
	r.took = append(r.took, took...)
	r.p50 = append(r.p50, paired.Quantile(took, 0.5))
	r.apiServerCPU = append(r.apiServerCPU, micros(after.apiServer-before.apiServer)/requests)
	r.webhookCPU = append(r.webhookCPU, micros(after.webhook-before.webhook)/requests)
	return nil
}

// cpu is the CPU time that processes have used.
type cpu struct{ apiServer, webhook time.Duration }

func (r *running) cpu() (now cpu, err error) {
	if now.apiServer, err = usage.CPU(r.apiServer); err != nil {
		return now, err
	}
	if r.webhook != 0 {
		now.webhook, err = usage.CPU(r.webhook)
	}
	return now, err
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
