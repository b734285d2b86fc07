package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"time"

	"github.com/mullion-dev/mullion/bench/internal/usage"
)

// used is what was used between two moments.
type used struct {
	elapsed time.Duration
	// manager, server and hosts are CPU time: of the node manager, the API server, and the process that the hosts are in.
	manager, server, hosts time.Duration
	// requests are the node manager's to the API server, by verb and resource.
	requests map[string]int
	// bytes went over SSH, in both directions.
	bytes int64
}

// reading is what has been used up to a moment.
type reading struct {
	at                     time.Time
	manager, server, hosts time.Duration
	bytes                  int64
}

// read forgets the requests so far.
func (s *scene) read() (now reading, err error) {
	if _, err := s.trail.requests(); err != nil {
		return now, err
	}
	return s.look()
}

func (s *scene) look() (now reading, err error) {
	now.at = time.Now()
	for pid, cpu := range map[int]*time.Duration{
		s.manager().PID(): &now.manager, s.Cluster.APIServer.PID(): &now.server, os.Getpid(): &now.hosts,
	} {
		if *cpu, err = usage.CPU(pid); err != nil {
			return now, err
		}
	}
	for _, h := range s.hosts {
		now.bytes += h.Carried()
	}
	return now, nil
}

// since tells what was used since a reading, which has to be the last.
func (s *scene) since(before reading) (u used, err error) {
	now, err := s.look()
	if err != nil {
		return u, err
	}
	u = used{
		elapsed: now.at.Sub(before.at), manager: now.manager - before.manager, server: now.server - before.server,
		hosts: now.hosts - before.hosts, bytes: now.bytes - before.bytes,
	}
	u.requests, err = s.trail.requests()
	return u, err
}

// total is how many requests there were.
func (u used) total() (sum int) {
	for count := range maps.Values(u.requests) {
		sum += count
	}
	return sum
}

// memory is what the node manager has in memory.
type memory struct {
	usage.Memory
	// liveHeap is what its last garbage collection found in use, in bytes.
	liveHeap int64
}

func (s *scene) memory(ctx context.Context) (m memory, err error) {
	live, err := s.manager().Metric(ctx, "go_gc_heap_live_bytes", nil)
	if err != nil {
		return m, fmt.Errorf("reading the node manager's heap: %w", err)
	}
	m.liveHeap = int64(live)
	m.Memory, err = usage.MemoryOf(s.manager().PID())
	return m, err
}
