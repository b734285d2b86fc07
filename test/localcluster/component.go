package localcluster

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"
)

const (
	// readyTimeout bounds the start of one component, which takes about a second, on a busy machine.
	readyTimeout = 60 * time.Second
	// stopTimeout is how long a component may take to end by itself before it is killed.
	stopTimeout = 10 * time.Second
	// pollInterval is short beside a component's start and long beside the cost of asking.
	pollInterval = 50 * time.Millisecond
)

// Component is one process of the control plane. Its methods may be called concurrently.
type Component struct {
	name    string
	process process
	ready   func(context.Context) error
}

// Name is the component's name, for example "kube-apiserver".
func (c *Component) Name() string { return c.name }

// LogPath is the file that collects the output of all of the component's runs.
func (c *Component) LogPath() string { return c.process.log }

// PID is the process id, or 0 while the component is not running.
func (c *Component) PID() int {
	if life := c.process.current(); life.alive() {
		return life.cmd.Process.Pid
	}
	return 0
}

// Start starts the component and waits until it is ready, for at most a minute.
func (c *Component) Start(ctx context.Context) error {
	if err := c.process.start(); err != nil {
		return fmt.Errorf("starting %s: %w", c.name, err)
	}
	return c.WaitReady(ctx)
}

// WaitReady waits until the component answers that it is ready, for at most a minute. It fails at once, with
// the end of the log, when the component ends.
func (c *Component) WaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	life := c.process.current()
	if life == nil {
		return fmt.Errorf("waiting for %s: %w", c.name, errNotRunning)
	}
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		err := c.ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ticker.C:
		case <-life.ended:
			return fmt.Errorf("waiting for %s: %s\n%s", c.name, life.cmd.ProcessState, c.logTail())
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w: %w", c.name, context.Cause(ctx), err)
		}
	}
}

// Stop asks the component to end and returns once it has: it is killed after ten seconds, or when ctx ends.
// Stopping what does not run does nothing.
func (c *Component) Stop(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	c.process.stop(ctx)
}

// Kill ends the component as a crash would and returns once it has ended.
func (c *Component) Kill() { c.process.kill() }

// Restart stops the component and starts it again, on the same port, with the same data.
func (c *Component) Restart(ctx context.Context) error {
	c.Stop(ctx)
	return c.Start(ctx)
}

// logTail returns the end of the log, where a component that gave up says why.
func (c *Component) logTail() string {
	const limit = 2000 // bytes
	log, err := os.Open(c.process.log)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = log.Close() }()
	if info, err := log.Stat(); err == nil && info.Size() > limit {
		if _, err := log.Seek(-limit, io.SeekEnd); err != nil {
			return err.Error()
		}
	}
	tail, err := io.ReadAll(log)
	if err != nil {
		return err.Error()
	}
	return string(tail)
}
