package scriptedhosts

import (
	"context"
	"sync"
	"time"
)

const (
	// serviceName is that of the kubelet's service.
	serviceName = "kubelet"
	// watchInterval is how soon it is noticed that a service has started or stopped.
	watchInterval = 100 * time.Millisecond
	// retryInterval is how soon a kubelet tries again what was in vain.
	retryInterval = time.Second
)

// watchOver runs a kubelet for as long as the machine's service does, until the context ends. One that the machine has
// started again is another one.
func (h *Host) watchOver(ctx context.Context) {
	ticker := time.NewTicker(watchInterval)
	defer ticker.Stop()
	running, stop := 0, func() {}
	defer func() { stop() }()
	for {
		process, runs := h.Machine.Process(serviceName)
		if h.ailment().off() || !runs {
			process.Number = 0
		}
		if process.Number != running {
			stop()
			running, stop = process.Number, func() {}
			if running != 0 {
				stop = h.startKubelet(ctx, process.CommandLine)
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// startKubelet starts a kubelet that is tried again when it fails, as the service control manager does. The returned
// function ends it, and returns when it has ended.
func (h *Host) startKubelet(ctx context.Context, commandLine string) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() {
		for ctx.Err() == nil {
			err := h.runKubelet(ctx, commandLine)
			if ctx.Err() == nil && err != nil {
				h.note(err)
			}
			again := time.NewTimer(retryInterval)
			select {
			case <-again.C:
			case <-ctx.Done():
				again.Stop()
			}
		}
	})
	return func() {
		cancel()
		running.Wait()
	}
}

// note keeps what has gone wrong last.
func (h *Host) note(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.trouble = err
}

// Trouble is what has gone wrong last with the host's kubelet; nil where nothing has.
func (h *Host) Trouble() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.trouble
}
