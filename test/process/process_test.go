package process_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/test/process"
)

// patience bounds what takes milliseconds on an idle machine.
const patience = 30 * time.Second

// orphanVariable makes this test program start a child, print its process id and die.
const orphanVariable = "PROCESS_TEST_ORPHAN"

func TestMain(m *testing.M) {
	if log := os.Getenv(orphanVariable); log != "" {
		child := process.NewGroup().New(shell(log, "sleep 600"))
		if err := child.Start(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Fprintln(os.Stdout, child.PID())
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func shell(log, script string, env ...string) process.Command {
	return process.Command{Path: "/bin/sh", Args: []string{"-c", script}, Env: env, Log: log}
}

func newProcess(t *testing.T, script string, env ...string) *process.Process {
	t.Helper()
	group := process.NewGroup()
	t.Cleanup(group.Close)
	p := group.New(shell(filepath.Join(t.TempDir(), "log"), script, env...))
	t.Cleanup(p.Kill)
	return p
}

func start(t *testing.T, p *process.Process) {
	t.Helper()
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
}

// waitFor waits until the log has a text.
func waitFor(t *testing.T, p *process.Process, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err := p.WaitReady(ctx, func(context.Context) error {
		if log := p.LogTail(); !strings.Contains(log, text) {
			return fmt.Errorf("the log is %q", log)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("waiting for %q: %v", text, err)
	}
}

func TestAProcessRunsWithItsEnvironmentAndAppendsToItsLog(t *testing.T) {
	p := newProcess(t, `echo "hello $NAME"; exec sleep 600`, "NAME=mullion")
	for run := range 2 {
		start(t, p)
		waitFor(t, p, strings.Repeat("hello mullion\n", run+1))
		p.Kill()
	}
}

func TestAProcessThatRunsIsNotStartedAgain(t *testing.T) {
	p := newProcess(t, "sleep 600")
	start(t, p)
	if err := p.Start(); err == nil {
		t.Error("started twice")
	}
}

func TestStopLetsAProcessEndByItself(t *testing.T) {
	p := newProcess(t, `trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.05; done`)
	start(t, p)
	waitFor(t, p, "ready")
	p.Stop(t.Context())
	if !strings.Contains(p.LogTail(), "bye") {
		t.Errorf("log is %q", p.LogTail())
	}
	if p.PID() != 0 {
		t.Error("still running")
	}
}

func TestStopKillsWhatDoesNotEndInTime(t *testing.T) {
	p := newProcess(t, `trap '' TERM; echo ready; while :; do sleep 0.05; done`)
	start(t, p)
	waitFor(t, p, "ready")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p.Stop(ctx)
	if p.PID() != 0 {
		t.Error("still running")
	}
}

func TestStoppingAndKillingWhatDoesNotRunDoesNothing(t *testing.T) {
	p := newProcess(t, "sleep 600")
	p.Stop(t.Context())
	p.Kill()
	start(t, p)
	p.Kill()
	p.Kill()
}

func TestWaitingForAProcessThatEndsFailsWithItsLastWords(t *testing.T) {
	p := newProcess(t, "echo the disk is full; exit 3")
	start(t, p)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err := p.WaitReady(ctx, func(context.Context) error { return errors.New("not yet") })
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("got %v", err)
	}
}

func TestWaitingEndsWithTheContextAndTheLastAnswer(t *testing.T) {
	p := newProcess(t, "sleep 600")
	start(t, p)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	notYet := errors.New("not yet")
	if err := p.WaitReady(ctx, func(context.Context) error { return notYet }); !errors.Is(err, notYet) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestNothingStartsInAClosedGroup(t *testing.T) {
	group := process.NewGroup()
	group.Close()
	group.Close()
	if err := group.New(shell(filepath.Join(t.TempDir(), "log"), "sleep 600")).Start(); err == nil {
		t.Error("started")
	}
}

func TestAProcessDoesNotOutliveTheOneThatStartedIt(t *testing.T) {
	parent := exec.CommandContext(t.Context(), os.Args[0])
	parent.Env = append(os.Environ(), orphanVariable+"="+filepath.Join(t.TempDir(), "log"))
	out, err := parent.Output()
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.After(patience)
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for running(pid) {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("process %d is still there", pid)
		}
	}
}

// running tells that the process exists and is no zombie, which a container without an init may keep.
func running(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

func TestAReservedPortIsListenedOnByAProgramAgainAndAgain(t *testing.T) {
	port, err := process.ReservePort()
	if err != nil {
		t.Fatal(err)
	}
	defer port.Release()
	for range 3 {
		listener, err := net.Listen("tcp", port.Address())
		if err != nil {
			t.Fatal(err)
		}
		connection, err := net.DialTimeout("tcp", port.Address(), patience)
		if err != nil {
			t.Fatal(err)
		}
		accepted, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		// The server closes first, which leaves its side of the connection in TIME_WAIT.
		for _, closer := range []io.Closer{accepted, connection, listener} {
			if err := closer.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestAReservedPortIsGivenToNobodyElse(t *testing.T) {
	reserved := map[int]bool{}
	for range 500 {
		port, err := process.ReservePort()
		if err != nil {
			t.Fatal(err)
		}
		defer port.Release()
		if reserved[port.Number()] {
			t.Fatalf("port %d was reserved twice", port.Number())
		}
		reserved[port.Number()] = true
	}
	for range 500 {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = listener.Close() }()
		if number := listener.Addr().(*net.TCPAddr).Port; reserved[number] {
			t.Fatalf("reserved port %d was given away", number)
		}
	}
}
