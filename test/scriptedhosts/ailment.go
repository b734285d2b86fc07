package scriptedhosts

import (
	"bytes"
	"context"

	"github.com/mullion-dev/mullion/pkg/ssh/sshtest"
)

// Ailment is what is wrong with a host.
type Ailment string

// What can be wrong with a host. What is there, on its disk and of services, stays when it is healed; what is not durable
// is lost where it loses power.
const (
	Healthy Ailment = ""
	// Down has no power: connections are refused, and nothing runs.
	Down Ailment = "Down"
	// Unplugged takes connections, as a switch in front of it would seem to, and nothing ever arrives. Its kubelet goes on.
	Unplugged Ailment = "Unplugged"
	// WrongKey lets nobody in.
	WrongKey Ailment = "WrongKey"
	// WrongHostKey proves to be another host than was promised.
	WrongHostKey Ailment = "WrongHostKey"
	// Slow lets 20 KiB a second through.
	Slow Ailment = "Slow"
	// Hanging starts programs that never answer.
	Hanging Ailment = "Hanging"
	// Dying loses power in the middle of every change, and is back at once.
	Dying Ailment = "Dying"
	// Unregistered has a kubelet that does nothing.
	Unregistered Ailment = "Unregistered"
	// Unready has a kubelet that says that it is not Ready.
	Unready Ailment = "Unready"
	// Lost does not come back when it is restarted.
	Lost Ailment = "Lost"
)

// Ailments are all of them but Healthy.
func Ailments() []Ailment {
	return []Ailment{Down, Unplugged, WrongKey, WrongHostKey, Slow, Hanging, Dying, Unregistered, Unready, Lost}
}

// Permanent tells whether a host never becomes a node while it has the ailment. One that is only Slow does.
func (a Ailment) Permanent() bool { return a != Healthy && a != Slow }

// Become has the host ail from now on, or heals it. What it is doing is broken off, as when its SSH service crashes.
func (h *Host) Become(ails Ailment) error {
	h.changing.Lock()
	defer h.changing.Unlock()
	h.mu.Lock()
	was := h.ails
	h.ails = ails
	h.mu.Unlock()
	h.unserve()
	if was.off() && !ails.off() {
		h.Machine.LosePower() // It boots, with what is durable.
	}
	if ails == Down {
		return h.reservePort()
	}
	return h.serve(ails)
}

// reservePort finds out which port a host has that is down from the start.
func (h *Host) reservePort() error {
	if h.spec.Port != 0 {
		return nil
	}
	err := h.serve(Healthy)
	h.unserve()
	return err
}

// off tells that nothing runs on the host.
func (a Ailment) off() bool { return a == Down }

// ailment is what is wrong with the host now.
func (h *Host) ailment() Ailment {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ails
}

// commands has commands executed as far as the host is up to it.
func (h *Host) commands(run func(context.Context, *sshtest.Process) int) func(context.Context, *sshtest.Process) int {
	return func(ctx context.Context, process *sshtest.Process) int {
		h.keepTime(ctx)
		switch ails := h.ailment(); {
		case ails == Hanging:
			<-ctx.Done()
			return sshtest.NoStatus
		case ails == Lost && isRestart(process):
			h.lose()
			return sshtest.NoStatus
		case ails == Dying:
			return h.dieWhile(ctx, process, run)
		default:
			return h.holding(ctx, process, run)
		}
	}
}

// dieWhile loses power in the middle of a command that changes much. Others are left to do what they do.
func (h *Host) dieWhile(ctx context.Context, process *sshtest.Process, run func(context.Context, *sshtest.Process) int) int {
	const changes = 12
	h.Machine.CutAt(changes)
	said, answers := &bytes.Buffer{}, process.Stdout
	process.Stdout = said
	code := run(ctx, process)
	if !h.Machine.WasCut() {
		h.Machine.CutAt(0)
		_, _ = answers.Write(said.Bytes()) // Whoever asked may be gone.
		return code
	}
	h.Machine.LosePower() // Nothing arrives of what it said in its last moment.
	h.cut()
	return sshtest.NoStatus
}

// lose is a restart of which nothing comes back.
func (h *Host) lose() {
	h.mu.Lock()
	h.ails = Down
	server := h.server
	h.server = nil
	h.mu.Unlock()
	if server != nil {
		h.running.Go(server.Close) // It waits for the command that this is.
	}
}

func (h *Host) cut() {
	h.mu.Lock()
	server := h.server
	h.mu.Unlock()
	if server != nil {
		server.Cut()
	}
}
