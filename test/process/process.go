package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// pollInterval is short beside the start of a program and long beside the cost of asking whether it is ready.
const pollInterval = 50 * time.Millisecond

// Command says what to run.
type Command struct {
	// Path is the executable.
	Path string
	Args []string
	// Env is added to the environment of this process.
	Env []string
	// Log is the file to which the output of all runs is appended.
	Log string
}

// Process is a program that is run again and again by the same command. Its methods may be called
// concurrently.
type Process struct {
	group   *Group
	command Command

	mu  sync.Mutex
	run *run
}

// run is one life of a process.
type run struct {
	cmd   *exec.Cmd
	ended chan struct{}
}

// New returns a process of the group that has not been started.
func (g *Group) New(command Command) *Process { return &Process{group: g, command: command} }

// Start starts the program. It is an error if it is running already.
func (p *Process) Start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.run.alive() {
		return errors.New("already running")
	}
	log, err := os.OpenFile(p.command.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("opening its log: %w", err)
	}
	defer func() { _ = log.Close() }() // The child has its own descriptor.

	cmd := exec.Command(p.command.Path, p.command.Args...) //nolint:gosec,noctx // What we built; its life is not one context's.
	cmd.Env = append(os.Environ(), p.command.Env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Pdeathsig: syscall.SIGKILL,
		Setpgid:   true, // An interrupt from the terminal is for us: we stop what we started in order.
	}
	if err := p.group.start(cmd); err != nil {
		return err
	}
	life := &run{cmd: cmd, ended: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // How it ended is read from ProcessState.
		close(life.ended)
	}()
	p.run = life
	return nil
}

// PID is the process id, or 0 while the program is not running.
func (p *Process) PID() int {
	if life := p.current(); life.alive() {
		return life.cmd.Process.Pid
	}
	return 0
}

// Stop asks the program to end, makes it end when the context does, and returns once it has ended. Stopping
// what does not run does nothing.
func (p *Process) Stop(ctx context.Context) {
	life := p.current()
	if !life.alive() {
		return
	}
	_ = life.cmd.Process.Signal(syscall.SIGTERM) // It may just have ended.
	select {
	case <-life.ended:
	case <-ctx.Done():
		p.Kill()
	}
}

// Kill ends the program as a crash would and returns once it has ended.
func (p *Process) Kill() {
	life := p.current()
	if !life.alive() {
		return
	}
	_ = life.cmd.Process.Kill() // It may just have ended.
	<-life.ended
}

// WaitReady asks until the answer is no error. It gives up when the context ends, and at once when the program
// does. The error has the end of the log.
func (p *Process) WaitReady(ctx context.Context, ready func(context.Context) error) error {
	life := p.current()
	if life == nil {
		return errors.New("not running")
	}
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	var answer error
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		if answer == nil || ctx.Err() == nil { // Not that the question was cut off, but what it was told before.
			answer = err
		}
		select {
		case <-ticker.C:
		case <-life.ended:
			return fmt.Errorf("%s\n%s", life.cmd.ProcessState, p.LogTail())
		case <-ctx.Done():
			return fmt.Errorf("%w: %w\n%s", context.Cause(ctx), answer, p.LogTail())
		}
	}
}

// current returns the latest life, nil before the first.
func (p *Process) current() *run {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.run
}

func (r *run) alive() bool {
	if r == nil {
		return false
	}
	select {
	case <-r.ended:
		return false
	default:
		return true
	}
}
