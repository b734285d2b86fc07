// Package process runs programs of this machine for tests and demonstrations, so that they can be stopped,
// killed and started again, and so that none of them outlives the process that started it, however that
// ends. Linux only.
package process

import (
	"errors"
	"os/exec"
	"runtime"
	"sync"
)

// Group starts processes that the kernel kills when this one dies. That request, Pdeathsig, holds for the
// thread that started the child, and Go ends threads at will: so one goroutine, locked to its thread, starts
// them all and stays until Close. Its methods may be called concurrently.
type Group struct {
	starts    chan func()
	closed    chan struct{}
	closeOnce sync.Once
}

// NewGroup returns a group without processes.
func NewGroup() *Group {
	g := &Group{starts: make(chan func()), closed: make(chan struct{})}
	go func() {
		runtime.LockOSThread() // Never unlocked: the thread ends with the goroutine.
		for {
			select {
			case start := <-g.starts:
				start()
			case <-g.closed:
				return
			}
		}
	}()
	return g
}

func (g *Group) start(cmd *exec.Cmd) error {
	result := make(chan error, 1)
	select {
	case g.starts <- func() { result <- cmd.Start() }:
		return <-result
	case <-g.closed:
		return errors.New("its group has been closed")
	}
}

// Close ends the thread, and with it every process that is left. A second call does nothing.
func (g *Group) Close() { g.closeOnce.Do(func() { close(g.closed) }) }
