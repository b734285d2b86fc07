package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// batch is how many of the hosts that are not timed join at once. All of them would leave a control plane on the same machine
// too little of it to renew anybody's Lease.
const batch = 40

// plan is what is measured.
type plan struct {
	// first are the hosts that join by the clock, and hosts all that are at rest in the end.
	first, hosts int
	// broken are hosts besides that never become nodes.
	broken int
	// resync is how often a host at rest is looked at, and window for how long hosts at rest are watched.
	resync, window time.Duration
}

func (p plan) validate() error {
	if p.first < 1 || p.hosts < p.first {
		return errors.New("there must be hosts to join, and as many at rest at least")
	}
	if p.broken < 0 {
		return errors.New("no fewer hosts are broken than none")
	}
	if p.resync <= 0 || p.window < p.resync {
		return errors.New("every host must be looked at while they are watched: -window is -resync at least")
	}
	return nil
}

// measure has hosts join, some of them by the clock, and then watches them at rest. Progress is for somebody who waits.
func (p plan) measure(ctx context.Context, progress io.Writer) (r result, err error) {
	s, err := newScene(ctx, p.resync, progress)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	r.plan = p
	if err := s.makeBroken(ctx, p.broken); err != nil {
		return r, err
	}
	if r.joined, err = s.join(ctx, p.first, p.first); err != nil {
		return r, fmt.Errorf("measuring how hosts join: %w", err)
	}
	if r.others, err = s.join(ctx, p.hosts-p.first, batch); err != nil {
		return r, fmt.Errorf("gathering hosts: %w", err)
	}
	if r.rest, err = s.settle(ctx, p.window); err != nil {
		return r, fmt.Errorf("measuring hosts at rest: %w", err)
	}
	r.memory, err = s.memory(ctx)
	return r, err
}
