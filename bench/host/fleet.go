package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/mullion-dev/mullion/bench/internal/usage"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/remote"
	"github.com/mullion-dev/mullion/pkg/agent/remote/remotetest"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/ssh"
)

// fleet is what many hosts at once cost.
type fleet struct {
	// bare is how long it took until all were configured, and steady a pass over all of them afterwards.
	bare, steady time.Duration
	// slowest is the longest of those passes, and bytes what one of them sent and received, logging in included.
	slowest time.Duration
	bytes   int64
	request int
	memory  usage.Memory
}

func (f fleet) String() string {
	return fmt.Sprintf("  from bare, with a restart and 10 programs of 64 KiB  %6.1f s\n"+
		"  a pass without changes, all hosts, logging in        %6.2f s, the slowest host %.2f s\n"+
		"  over the wire, each host in that pass                %6d bytes; the desired state alone is %d\n"+
		"  memory, peak, manager and hosts together             %6d MiB\n",
		f.bare.Seconds(), f.steady.Seconds(), f.slowest.Seconds(), f.bytes, f.request, f.memory.Peak>>20)
}

// measureFleet configures hosts from bare, all at once, and then passes over all of them again.
func measureFleet(ctx context.Context, count int) (f fleet, err error) {
	folder, err := os.MkdirTemp("", "bench-host-")
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	hosts := make([]*remotetest.Host, count)
	for i := range hosts {
		directory := filepath.Join(folder, fmt.Sprint(i))
		if err := os.Mkdir(directory, 0o700); err != nil {
			return f, err
		}
		if hosts[i], err = remotetest.Start(remotetest.Options{Directory: directory}); err != nil {
			return f, err
		}
		defer hosts[i].Close()
		hosts[i].Machine.SetFacts(func(facts *state.Facts) {
			facts.Hostname = fmt.Sprintf("WIN-%d", i)
			facts.DefaultRoute = &state.Route{Network: "Ethernet", Gateway: "192.0.2.1"}
		})
	}
	program, err := remote.NewProgram(remotetest.Executable("bench"))
	if err != nil {
		return f, err
	}
	if f.bare, err = timed(func() error { return configure(ctx, hosts, program) }); err != nil {
		return f, err
	}
	var passes []pass
	if f.steady, err = timed(func() error { passes, f.request, err = again(ctx, hosts, program); return err }); err != nil {
		return f, err
	}
	f.slowest = slices.MaxFunc(passes, func(a, b pass) int { return int(a.took - b.took) }).took
	f.bytes = slices.MaxFunc(passes, func(a, b pass) int { return int(a.bytes - b.bytes) }).bytes
	f.memory, err = usage.MemoryOf(os.Getpid())
	return f, err
}

func timed(do func() error) (time.Duration, error) {
	began := time.Now()
	err := do()
	return time.Since(began), err
}

// configure makes bare hosts nodes: one request for facts, the content, a restart that a feature of Windows needs, and
// the rest.
func configure(ctx context.Context, hosts []*remotetest.Host, program *remote.Program) error {
	pool := ssh.NewPool(ssh.Options{})
	defer pool.Close()
	all, ctx := errgroup.WithContext(ctx)
	for _, host := range hosts {
		all.Go(func() error {
			target, agent := host.Target(), &remote.Agent{Program: program}
			var facts *state.Facts
			err := pool.Do(ctx, target, func(ctx context.Context, conn *ssh.Conn) (err error) {
				facts, err = agent.Facts(ctx, conn)
				return err
			})
			if err != nil {
				return err
			}
			desired, contents, err := node(*facts)
			if err != nil {
				return err
			}
			agent.Contents = contents
			if _, err := apply(ctx, pool, target, agent, desired, protocol.OutcomeRebootRequired); err != nil {
				return err
			}
			host.Machine.Reboot()
			_, err = apply(ctx, pool, target, agent, desired, protocol.OutcomeDone)
			return err
		})
	}
	return all.Wait()
}

// again passes over hosts that are nodes, and tells also how large a desired state is, in bytes.
func again(ctx context.Context, hosts []*remotetest.Host, program *remote.Program) ([]pass, int, error) {
	pool := ssh.NewPool(ssh.Options{})
	defer pool.Close()
	var mu sync.Mutex
	var passes []pass
	request := 0
	all, ctx := errgroup.WithContext(ctx)
	for _, host := range hosts {
		all.Go(func() error {
			facts, err := host.Machine.Host().System.Facts(ctx, nil)
			if err != nil {
				return err
			}
			desired, _, err := node(facts)
			if err != nil {
				return err
			}
			encoded, err := state.Encode(desired)
			if err != nil {
				return err
			}
			took, err := apply(ctx, pool, host.Target(), &remote.Agent{Program: program}, desired, protocol.OutcomeDone)
			mu.Lock()
			defer mu.Unlock()
			passes, request = append(passes, took), len(encoded)
			return err
		})
	}
	err := all.Wait()
	return passes, request, err
}
