package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/mullion-dev/mullion/bench/internal/stage"
	"github.com/mullion-dev/mullion/bench/internal/usage"
	"github.com/mullion-dev/mullion/test/localcluster"
)

// result is what the webhook has in memory after something has happened.
type result struct {
	after string
	usage.Memory
	// liveHeap is what the last garbage collection found in use, in bytes.
	liveHeap int64
}

// measure fills a cluster step by step and looks at the webhook after each.
func measure(ctx context.Context, nodes, images int, rest time.Duration) (results []result, err error) {
	registry, err := startRegistry()
	if err != nil {
		return nil, err
	}
	defer registry.close()
	s, err := stage.Start(ctx, localcluster.Options{
		Log: os.Stderr,
		// It makes every new node not ready until the controller manager, which is about to be stopped, says otherwise.
		APIServerArgs: []string{"--disable-admission-plugins=TaintNodesByCondition"},
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	// Nobody is to call nodes without kubelets unreachable.
	s.Cluster.ControllerManager.Stop(ctx)
	if err := s.Install(ctx, registry.host(), 0); err != nil {
		return nil, err
	}

	for _, step := range []struct {
		after string
		do    func() error
	}{
		{"start in an empty cluster", func() error { return nil }},
		{fmt.Sprintf("%d nodes joining", nodes), func() error { return join(ctx, s, nodes) }},
		{fmt.Sprintf("restart with %d nodes", nodes), func() error { return restart(ctx, s, nodes) }},
		{fmt.Sprintf("pods naming %d images", images), func() error { return askAboutImages(ctx, s, registry, images) }},
		{"a heartbeat of every node", func() error { return heartbeat(ctx, s, nodes) }},
		{fmt.Sprintf("%v at rest", rest), func() error { return pause(ctx, rest) }},
	} {
		if err := step.do(); err != nil {
			return nil, fmt.Errorf("measuring memory after %s: %w", step.after, err)
		}
		result, err := look(ctx, s, step.after)
		if err != nil {
			return nil, err
		}
		results = append(results, result)
	}
	return results, nil
}

// look reads the memory of the webhook as it is.
func look(ctx context.Context, s *stage.Stage, after string) (result, error) {
	live, err := s.Webhook().Metric(ctx, "go_gc_heap_live_bytes", nil)
	if err != nil {
		return result{}, err
	}
	memory, err := usage.MemoryOf(s.Webhook().PID())
	if err != nil {
		return result{}, err
	}
	return result{after: after, Memory: memory, liveHeap: int64(live)}, nil
}

// restart does what a rollout does: the new process reads all nodes at once.
func restart(ctx context.Context, s *stage.Stage, nodes int) error {
	if err := s.Webhook().Restart(ctx); err != nil {
		return err
	}
	if err := s.Installation.WaitReady(ctx); err != nil {
		return err
	}
	return s.UntilWebhookKnows(ctx, nodes)
}

func pause(ctx context.Context, rest time.Duration) error {
	select {
	case <-time.After(rest):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
