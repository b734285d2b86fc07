package localcluster

import (
	"context"
	"fmt"
	"time"

	"github.com/mullion-dev/mullion/test/process"
)

const (
	// readyTimeout bounds the start of one component, which takes about a second, on a busy machine.
	readyTimeout = 60 * time.Second
	// stopTimeout is how long a component may take to end by itself before it is killed.
	stopTimeout = 10 * time.Second
	// pollInterval is short beside the start of a cluster and long beside the cost of asking.
	pollInterval = 50 * time.Millisecond
)

// Component is one process of the control plane. Its methods may be called concurrently.
type Component struct {
	name    string
	process *process.Process
	ready   func(context.Context) error
}

// Name is the component's name, for example "kube-apiserver".
func (c *Component) Name() string { return c.name }

// LogPath is the file that collects the output of all of the component's runs.
func (c *Component) LogPath() string { return c.process.LogPath() }

// PID is the process id, or 0 while the component is not running.
func (c *Component) PID() int { return c.process.PID() }

// Start starts the component and waits until it is ready, for at most a minute.
func (c *Component) Start(ctx context.Context) error {
	if err := c.process.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", c.name, err)
	}
	return c.WaitReady(ctx)
}

// WaitReady waits until the component answers that it is ready, for at most a minute. It fails at once, with
// the end of the log, when the component ends.
func (c *Component) WaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if err := c.process.WaitReady(ctx, c.ready); err != nil {
		return fmt.Errorf("waiting for %s: %w", c.name, err)
	}
	return nil
}

// Stop asks the component to end and returns once it has: it is killed after ten seconds, or when ctx ends.
// Stopping what does not run does nothing.
func (c *Component) Stop(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	c.process.Stop(ctx)
}

// Kill ends the component as a crash would and returns once it has ended.
func (c *Component) Kill() { c.process.Kill() }

// Restart stops the component and starts it again, on the same port, with the same data.
func (c *Component) Restart(ctx context.Context) error {
	c.Stop(ctx)
	return c.Start(ctx)
}
