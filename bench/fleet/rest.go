package main

import (
	"context"
	"time"
)

// settling is for what is still done when the last host is Ready: events, and statuses that sum up.
const settling = time.Minute

// settle watches the hosts for a while in which there is nothing to do.
func (s *scene) settle(ctx context.Context, window time.Duration) (used, error) {
	if err := pause(ctx, settling); err != nil {
		return used{}, err
	}
	before, err := s.read()
	if err != nil {
		return used{}, err
	}
	s.tell("watching %d hosts at rest, for %v", len(s.hosts), window)
	if err := pause(ctx, window); err != nil {
		return used{}, err
	}
	return s.since(before)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
