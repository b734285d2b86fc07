package memhost

import (
	"errors"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// ErrCut is what every operation returns once the process that calls it is dead.
var ErrCut = errors.New("the host is gone")

// faults are what is going to go wrong.
type faults struct {
	// operations counts those that change something.
	operations int
	// cutAt is before which one the process dies; 0 is never.
	cutAt int
	dead  bool
	// fail returns what an operation fails with, by its name and what it is about.
	fail func(operation, target string) error
	// log has every operation that changes something.
	log []string
}

// failure is how a service fails to start.
type failure struct {
	log  winpath.Path
	text string
}

// CutAt lets the process die before its nth operation that changes something, the first one being 1. Then Kill,
// Reboot or LosePower decides what is left.
func (m *Machine) CutAt(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.faults = faults{cutAt: n, fail: m.faults.fail}
}

// WasCut tells whether the process has died.
func (m *Machine) WasCut() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.faults.dead
}

// Operations are the operations that have changed something since the last fault was set up.
func (m *Machine) Operations() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.faults.log...)
}

// Fail lets operations fail: the function gets the name of an interface's method and the path or name that it is
// called for, and returns nil where all is well.
func (m *Machine) Fail(fail func(operation, target string) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.faults.fail = fail
}

// FailStart lets a service end right after it was started, with a text in its log.
func (m *Machine) FailStart(service string, log winpath.Path, text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failing[winpath.Fold(service)] = failure{log: log, text: text}
}

// Supersede lets a service end with an error the next time that it is told to stop. The service control manager starts
// it again if its recovery actions say so.
func (m *Machine) Supersede(service string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.superseded[winpath.Fold(service)] = true
}

// Pass lets time pass on a host on which no agent runs.
func (m *Machine) Pass(duration time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.advance(duration)
}

// Repair lets a service start again.
func (m *Machine) Repair(service string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.failing, winpath.Fold(service))
}

// HoldService is somebody who keeps a handle to a service for a while, so that it cannot be deleted before.
func (m *Machine) HoldService(service string, duration time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.handles[winpath.Fold(service)] = duration
}

// Fill leaves that many bytes free on the drive.
func (m *Machine) Fill(free int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.disk.free = free
}

// read is called by operations that change nothing.
func (m *Machine) read(operation, target string) error {
	if m.faults.dead {
		return ErrCut
	}
	if m.faults.fail != nil {
		return m.faults.fail(operation, target)
	}
	return nil
}

// change is called before each operation that changes something.
func (m *Machine) change(operation, target string) error {
	if err := m.read(operation, target); err != nil {
		return err
	}
	m.faults.operations++
	if m.faults.operations == m.faults.cutAt {
		m.faults.dead = true
		return ErrCut
	}
	m.faults.log = append(m.faults.log, operation+" "+target)
	return nil
}
