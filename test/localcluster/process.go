package localcluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
)

// errNotRunning says that a component has been asked to do something that only a running one can.
var errNotRunning = errors.New("not running")

// spawner starts processes that the kernel kills when this one dies. That request, Pdeathsig, holds for the
// thread that started the child, and Go ends threads at will: so one goroutine, locked to its thread, starts
// them all and stays until close.
type spawner struct {
	starts chan func()
	closed chan struct{}
}

func newSpawner() *spawner {
	s := &spawner{starts: make(chan func()), closed: make(chan struct{})}
	go func() {
		runtime.LockOSThread() // Never unlocked: the thread ends with the goroutine.
		for {
			select {
			case start := <-s.starts:
				start()
			case <-s.closed:
				return
			}
		}
	}()
	return s
}

func (s *spawner) start(cmd *exec.Cmd) error {
	result := make(chan error, 1)
	select {
	case s.starts <- func() { result <- cmd.Start() }:
		return <-result
	case <-s.closed:
		return errors.New("the cluster has been stopped")
	}
}

// close ends the thread, and with it every process that is left.
func (s *spawner) close() { close(s.closed) }

// process is a program that is run again and again with the same arguments, its output appended to one file.
// Its methods may be called concurrently.
type process struct {
	spawner *spawner
	path    string
	args    []string
	log     string

	mu  sync.Mutex
	run *run
}

// run is one life of a process.
type run struct {
	cmd   *exec.Cmd
	ended chan struct{}
}

func (p *process) start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.run.alive() {
		return errors.New("already running")
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("opening its log: %w", err)
	}
	defer func() { _ = log.Close() }() // The child has its own descriptor.

	cmd := exec.Command(p.path, p.args...) //nolint:gosec,noctx // What we built; its life is not one context's.
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Pdeathsig: syscall.SIGKILL,
		Setpgid:   true, // An interrupt from the terminal is for us: we stop components in order.
	}
	if err := p.spawner.start(cmd); err != nil {
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

// current returns the latest life, nil before the first.
func (p *process) current() *run {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.run
}

// stop asks the process to end, makes it end when the context does, and returns once it has ended.
func (p *process) stop(ctx context.Context) {
	life := p.current()
	if !life.alive() {
		return
	}
	_ = life.cmd.Process.Signal(syscall.SIGTERM) // It may just have ended.
	select {
	case <-life.ended:
	case <-ctx.Done():
		p.kill()
	}
}

// kill ends the process without asking and returns once it has ended.
func (p *process) kill() {
	life := p.current()
	if !life.alive() {
		return
	}
	_ = life.cmd.Process.Kill() // It may just have ended.
	<-life.ended
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
