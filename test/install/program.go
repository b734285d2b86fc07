package install

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/mullion-dev/mullion/test/process"
)

const (
	// readyTimeout bounds what takes a few seconds on an idle machine.
	readyTimeout = 60 * time.Second
	// stopTimeout is how long a program may take to end by itself before it is killed, as its Deployment's
	// terminationGracePeriodSeconds.
	stopTimeout = 30 * time.Second
	// requestTimeout bounds one request to a program.
	requestTimeout = 5 * time.Second
)

// Program is one replica of a program. Its methods may be called concurrently.
type Program struct {
	name    string
	process *process.Process
	health  *process.Port
	metrics *process.Port
	// serving and policyAPI are nil where the program serves nothing else.
	serving, policyAPI *process.Port

	// leaving tells that the replica is being stopped, so that nobody is led to it any more.
	leaving atomic.Bool
}

// Name is the program with the number of the replica, such as "webhook-1".
func (p *Program) Name() string { return p.name }

// PID is the process id, or 0 while the program is not running.
func (p *Program) PID() int { return p.process.PID() }

// LogPath is the file that collects the output of all of the replica's runs.
func (p *Program) LogPath() string { return p.process.LogPath() }

// HealthURL is the base URL of /healthz and /readyz.
func (p *Program) HealthURL() string { return "http://" + p.health.Address() }

// MetricsURL is the URL of the page of metrics.
func (p *Program) MetricsURL() string { return "http://" + p.metrics.Address() + "/metrics" }

// ServingAddress is the host:port on which a webhook serves admission reviews; empty for other programs.
func (p *Program) ServingAddress() string {
	if p.serving == nil {
		return ""
	}
	return p.serving.Address()
}

// PolicyAPIAddress is the host:port on which a webhook serves the policy API; empty for other programs.
func (p *Program) PolicyAPIAddress() string {
	if p.policyAPI == nil {
		return ""
	}
	return p.policyAPI.Address()
}

// Start starts the replica and waits until it is ready, for at most a minute.
func (p *Program) Start(ctx context.Context) error {
	if err := p.start(); err != nil {
		return err
	}
	return p.WaitReady(ctx)
}

func (p *Program) start() error {
	p.leaving.Store(false)
	if err := p.process.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", p.name, err)
	}
	return nil
}

// WaitReady waits until the replica's /readyz says so, for at most a minute. It fails at once, with the end of
// the log, when the replica ends.
func (p *Program) WaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if err := p.process.WaitReady(ctx, p.Ready); err != nil {
		return fmt.Errorf("waiting for %s: %w", p.name, err)
	}
	return nil
}

// Ready returns why the replica is not ready, or nil.
func (p *Program) Ready(ctx context.Context) error {
	_, err := get(ctx, p.HealthURL()+"/readyz?verbose")
	return err
}

// Stop asks the replica to end, as a rollout does, and returns once it has: it is killed after half a minute,
// or when ctx ends.
func (p *Program) Stop(ctx context.Context) {
	p.leaving.Store(true)
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	p.process.Stop(ctx)
}

// Kill ends the replica as a crash would and returns once it has ended.
func (p *Program) Kill() { p.process.Kill() }

// Restart stops the replica and starts it again, on the same ports.
func (p *Program) Restart(ctx context.Context) error {
	p.Stop(ctx)
	return p.Start(ctx)
}

func (p *Program) release() {
	for _, port := range []*process.Port{p.health, p.metrics, p.serving, p.policyAPI} {
		if port != nil {
			port.Release()
		}
	}
}

// get returns the body of a page. The error of any other status than 200 carries it.
func get(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("asking %s: %w", url, err)
	}
	request.Close = true // What answers may be killed at any time: no connection is worth keeping.
	client := &http.Client{Timeout: requestTimeout}
	response, err := client.Do(request)
	if err != nil {
		return nil, err // Names the URL already.
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("reading the answer of %s: %w", url, err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("asking %s: %s: %s", url, response.Status, body)
	}
	return body, nil
}
