package scriptedhosts

import (
	"bytes"
	"context"
	"strings"
	"sync"

	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/ssh/sshtest"
)

// CommandRestart is the command by which Windows restarts. The agent has no part in it.
const CommandRestart protocol.Command = "restart"

// Hold keeps whoever asks a host for something waiting for the answer. It may be used concurrently.
type Hold struct {
	command  protocol.Command
	reached  chan struct{}
	released chan struct{}
	reach    sync.Once
	release  sync.Once
}

// HoldAt holds a host at a command from now on, instead of where it was held before. What the command does is done, and nobody
// hears of it before the hold is released, or the connection has gone. Only a restart, after which nobody could hear anything,
// is not begun before.
func (h *Host) HoldAt(command protocol.Command) *Hold {
	hold := &Hold{command: command, reached: make(chan struct{}), released: make(chan struct{})}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hold = hold
	return hold
}

// Reached tells whether the host was asked for it.
func (h *Hold) Reached() bool {
	select {
	case <-h.reached:
		return true
	default:
		return false
	}
}

// Release lets the answer go, and holds nobody any more.
func (h *Hold) Release() { h.release.Do(func() { close(h.released) }) }

// wait waits until the hold is released, or the context ends.
func (h *Hold) wait(ctx context.Context) {
	h.reach.Do(func() { close(h.reached) })
	select {
	case <-h.released:
	case <-ctx.Done():
	}
}

// holding has a command executed, and its answer held if it is one at which the host is held.
func (h *Host) holding(ctx context.Context, process *sshtest.Process, run func(context.Context, *sshtest.Process) int) int {
	h.mu.Lock()
	hold := h.hold
	h.mu.Unlock()
	switch {
	case hold == nil || hold.command != commandOf(process):
		return run(ctx, process)
	case hold.command == CommandRestart:
		hold.wait(ctx)
		return run(context.WithoutCancel(ctx), process)
	}
	said, answers := &bytes.Buffer{}, process.Stdout
	process.Stdout = said
	code := run(ctx, process)
	hold.wait(ctx)
	_, _ = answers.Write(said.Bytes()) // Whoever asked may be gone.
	return code
}

// commandOf is what a host is asked for. What was read to find that out can be read again.
func commandOf(process *sshtest.Process) protocol.Command {
	if isRestart(process) {
		return CommandRestart
	}
	raw, err := state.ReadLimited(process.Stdin)
	process.Stdin = bytes.NewReader(raw)
	if err != nil {
		return ""
	}
	request, err := protocol.DecodeRequest(raw)
	if err != nil {
		return "" // The agent says what is wrong.
	}
	return request.Command
}

// isRestart tells whether Windows itself is asked to restart.
func isRestart(process *sshtest.Process) bool {
	return strings.Contains(strings.ToLower(process.Line), "shutdown.exe")
}
