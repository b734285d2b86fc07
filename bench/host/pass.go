package main

import (
	"context"
	"fmt"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/remote"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/ssh"
)

// pass is what one pass over a host cost.
type pass struct {
	took  time.Duration
	bytes int64
}

// apply makes one pass over a host, and fails unless it ends as it should.
func apply(ctx context.Context, pool *ssh.Pool, target *ssh.Target, agent *remote.Agent, desired *state.Desired, want protocol.Outcome) (pass, error) {
	var p pass
	began := time.Now()
	err := pool.Do(ctx, target, func(ctx context.Context, conn *ssh.Conn) error {
		result, err := agent.Apply(ctx, conn, desired)
		if err == nil && result.Outcome != want {
			err = fmt.Errorf("applying ended with %s instead of %s: %s", result.Outcome, want, result.Error)
		}
		traffic := conn.Traffic()
		p.bytes = traffic.Sent + traffic.Received
		return err
	})
	p.took = time.Since(began)
	return p, err
}

// applyAnew is apply with a connection of its own, logging in included.
func applyAnew(ctx context.Context, target *ssh.Target, agent *remote.Agent, desired *state.Desired, want protocol.Outcome) (pass, error) {
	pool := ssh.NewPool(ssh.Options{})
	defer pool.Close()
	return apply(ctx, pool, target, agent, desired, want)
}
