package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/bench/internal/usage"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/remote"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
	"github.com/mullion-dev/mullion/pkg/ssh"
	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
	"github.com/mullion-dev/mullion/test/winhost"
)

// windows is what one host under Wine costs.
type windows struct {
	bare pass
	// content is how much of that are programs, in bytes.
	content int64
	// anew and kept are the median passes without changes, with a new connection and with one that is there.
	anew, kept pass
	agent      int64
	memory     int64
}

func (w windows) String() string {
	return fmt.Sprintf("  from bare, the agent and %d MiB of programs verified  %6.2f s\n"+
		"  a pass without changes, logging in                   %6.2f s, %d bytes over the wire\n"+
		"  the same over a connection that is there             %6.2f s, %d bytes\n"+
		"  the agent                                            %6.1f MiB, and %d MiB of memory at most, Wine's own included\n",
		w.content>>20, w.bare.took.Seconds(), w.anew.took.Seconds(), w.anew.bytes, w.kept.took.Seconds(), w.kept.bytes,
		float64(w.agent)/(1<<20), w.memory>>20)
}

// services are real programs on the host.
func services() []string { return []string{"containerd.exe", "csi-proxy.exe", "windows_exporter.exe"} }

// measureWindows configures a bare host, and then passes over it again and again.
func measureWindows(ctx context.Context, rounds int) (w windows, err error) {
	host, err := winhost.Start(ctx, winhost.Options{})
	if err != nil {
		return w, err
	}
	defer func() { err = errors.Join(err, host.Close()) }()
	agent, desired, err := w.prepare(ctx)
	if err != nil {
		return w, err
	}
	target := &ssh.Target{
		Address: host.Address(), User: host.User(), Keys: []gossh.Signer{host.Key()},
		HostKeys: hostkey.Policy{Pins: []hostkey.Pin{hostkey.PinOf(host.HostKeys()[0])}},
	}
	watching, stop := context.WithCancel(ctx)
	peak := make(chan int64)
	go func() { peak <- watchAgents(watching) }()
	err = w.measure(ctx, target, agent, desired, rounds)
	stop()
	w.memory = <-peak
	return w, err
}

func (w *windows) measure(ctx context.Context, target *ssh.Target, agent *remote.Agent, desired *state.Desired, rounds int) (err error) {
	if w.bare, err = applyAnew(ctx, target, agent, desired, protocol.OutcomeDone); err != nil {
		return err
	}
	pool := ssh.NewPool(ssh.Options{})
	defer pool.Close()
	before, err := apply(ctx, pool, target, agent, desired, protocol.OutcomeDone)
	if err != nil {
		return err
	}
	var anew, kept []pass
	for range rounds {
		one, err := applyAnew(ctx, target, agent, desired, protocol.OutcomeDone)
		if err != nil {
			return err
		}
		other, err := apply(ctx, pool, target, agent, desired, protocol.OutcomeDone)
		if err != nil {
			return err
		}
		anew = append(anew, one)
		kept = append(kept, pass{took: other.took, bytes: other.bytes - before.bytes})
		before = other
	}
	w.anew, w.kept = median(anew), median(kept)
	return nil
}

func median(passes []pass) pass {
	slices.SortFunc(passes, func(a, b pass) int { return int(a.took - b.took) })
	return passes[len(passes)/2]
}

// prepare builds the agent and the programs, and says what the host shall be.
func (w *windows) prepare(ctx context.Context) (*remote.Agent, *state.Desired, error) {
	contents := memory{}
	config := "version = 3\nroot = 'C:\\bench\\root'\nstate = 'C:\\bench\\state'\n"
	desired := &state.Desired{Schema: state.Schema, Owner: "bench", Files: []state.File{
		{Path: `C:\bench\containerd.toml`, Inline: &config, Format: state.FormatText},
	}}
	var folder string
	for _, name := range services() {
		built, err := winhost.BuildNodeProgram(ctx, "", name)
		if err != nil {
			return nil, nil, err
		}
		content, err := os.ReadFile(built) //nolint:gosec // What was just built.
		if err != nil {
			return nil, nil, err
		}
		folder = filepath.Dir(built)
		contents[state.Digest(content)] = content
		w.content += int64(len(content))
		file := state.File{Path: winpath.Path(`C:\bench`).Join(name), SHA256: state.Digest(content), Size: int64(len(content))}
		desired.Files = append(desired.Files, file)
		service := state.Service{Name: strings.TrimSuffix(name, ".exe"), Program: file.Path}
		if service.Name == "containerd" {
			service.Arguments = []string{"--config", `C:\bench\containerd.toml`, "--run-service"}
		}
		desired.Services = append(desired.Services, service)
	}
	executable := filepath.Join(folder, "mullion-agent.exe")
	if err := winhost.BuildProgram(ctx, filepath.Dir(filepath.Dir(folder)), "./cmd/hostagent", executable); err != nil {
		return nil, nil, err
	}
	content, err := os.ReadFile(executable) //nolint:gosec // What was just built.
	if err != nil {
		return nil, nil, err
	}
	w.agent = int64(len(content))
	program, err := remote.NewProgram(content)
	return &remote.Agent{Program: program, Contents: contents}, desired, err
}

// watchAgents returns the most memory that a process of the agent had until the context ends, in bytes. Under Wine it is
// a process of this machine.
func watchAgents(ctx context.Context) int64 {
	most := int64(0)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		names, err := filepath.Glob("/proc/[0-9]*/comm")
		if err != nil {
			return most
		}
		for _, name := range names {
			// One that has ended in the meantime is none.
			if comm, err := os.ReadFile(name); err == nil && strings.HasPrefix(string(comm), "mullion-agent") { //nolint:gosec // A file of the kernel.
				most = max(most, peakOf(filepath.Base(filepath.Dir(name))))
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return most
		}
	}
}

func peakOf(process string) int64 {
	pid, err := strconv.Atoi(process)
	if err != nil {
		return 0
	}
	memory, err := usage.MemoryOf(pid)
	if err != nil {
		return 0
	}
	return memory.Peak
}
