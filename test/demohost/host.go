package demohost

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/mullion-dev/mullion/test/winhost"
)

// patience is how long a service may take until it serves, and pause how long to wait between two looks.
const (
	patience = time.Minute
	pause    = 200 * time.Millisecond
)

// host is a host of the demonstration.
type host struct {
	*winhost.Host
	build string
	// key is the file with the key that lets one log in.
	key    string
	before snapshot
	// applied is how long it took to configure it.
	applied time.Duration
}

// serviceState is what sc.exe tells, such as RUNNING.
func (h *host) serviceState(ctx context.Context, service string) (string, error) {
	result, err := h.Exec(ctx, "sc.exe query "+service)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(result.Stdout) {
		if fields := strings.Fields(line); len(fields) > 3 && fields[0] == "STATE" {
			return fields[3], nil
		}
	}
	return "", fmt.Errorf("%s: sc.exe query %s: %s", h.Hostname(), service, result.Stdout)
}

// proof is something that only a service says that serves. It is waited for.
func (h *host) proof(ctx context.Context, service string) (said string, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if service == "containerd" {
			said, err = h.logged()
		} else {
			said, err = h.scraped(ctx)
		}
		if err == nil {
			return said, nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return "", fmt.Errorf("%s: waiting for %s to serve: %w", h.Hostname(), service, err)
		}
	}
}

// logged is that containerd serves, in its log.
func (h *host) logged() (string, error) {
	log, err := h.ReadFile(`C:\demo\data\containerd.log`)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(log)) {
		if strings.Contains(line, "containerd successfully booted") {
			return "containerd successfully booted", nil
		}
	}
	return "", fmt.Errorf("its log does not say that it has booted: %s", log)
}

// scraped is the first metric of the exporter.
func (h *host) scraped(ctx context.Context) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(h.IP(), "9182")+"/metrics", http.NoBody)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if line := lines.Text(); line != "" && !strings.HasPrefix(line, "#") {
			return line, nil
		}
	}
	return "", fmt.Errorf("it answers %s without a metric", response.Status)
}
