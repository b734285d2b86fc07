package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/bench/internal/usage"
	"github.com/mullion-dev/mullion/test/scriptedhosts"
)

const (
	// patience bounds how long hosts take to join.
	patience = 30 * time.Minute
	// lookEvery is how often is asked how many have.
	lookEvery = 500 * time.Millisecond
)

// measure has hosts join, some of them by the clock, and then watches them at rest.
func measure(ctx context.Context, first, count int, window time.Duration) (r result, err error) {
	s, err := newScene(ctx)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	r = result{first: first, hosts: count, window: window}
	if r.joining, err = s.join(ctx, first); err != nil {
		return r, err
	}
	if r.rest, err = s.join(ctx, count-first); err != nil {
		return r, err
	}
	return r, s.watch(ctx, &r)
}

// join makes hosts known, all at once, and returns how long it took until they were Ready.
func (s *scene) join(ctx context.Context, count int) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	from := len(s.hosts)
	for number := from; number < from+count; number++ {
		h, err := s.fleet.Add(scriptedhosts.Spec{Name: fmt.Sprintf("win-%04d", number), Build: build})
		if err != nil {
			return 0, err
		}
		s.hosts = append(s.hosts, h)
	}
	began := time.Now()
	for _, h := range s.hosts[from:] {
		if err := s.client.Create(ctx, h.Object(namespace, secret, "")); err != nil {
			return 0, fmt.Errorf("making host %s known: %w", h.Name(), err)
		}
	}
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		ready, err := s.ready(ctx)
		if err != nil || ready == len(s.hosts) {
			return time.Since(began), err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return 0, fmt.Errorf("waiting for %d hosts, of which %d are Ready: %w", len(s.hosts), ready, context.Cause(ctx))
		}
	}
}

func (s *scene) ready(ctx context.Context) (count int, err error) {
	var hosts v1alpha1.WindowsHostList
	if err := s.client.List(ctx, &hosts, client.InNamespace(namespace)); err != nil {
		return 0, fmt.Errorf("counting hosts: %w", err)
	}
	for i := range hosts.Items {
		if hosts.Items[i].Status.Phase == v1alpha1.HostReady {
			count++
		}
	}
	return count, nil
}

// reading is what has been used up to a moment.
type reading struct {
	cpu      time.Duration
	requests float64
	bytes    int64
}

func (s *scene) read(ctx context.Context) (now reading, err error) {
	if now.cpu, err = usage.CPU(s.manager().PID()); err != nil {
		return now, err
	}
	if now.requests, err = s.manager().Metric(ctx, "rest_client_requests_total", nil); err != nil {
		return now, err
	}
	for _, h := range s.hosts {
		now.bytes += h.Carried()
	}
	return now, nil
}

// watch tells what the node manager uses while there is nothing to do.
func (s *scene) watch(ctx context.Context, r *result) error {
	before, err := s.read(ctx)
	if err != nil {
		return err
	}
	timer := time.NewTimer(r.window)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	after, err := s.read(ctx)
	if err != nil {
		return err
	}
	r.used = reading{cpu: after.cpu - before.cpu, requests: after.requests - before.requests, bytes: after.bytes - before.bytes}
	r.memory, err = usage.MemoryOf(s.manager().PID())
	return err
}
