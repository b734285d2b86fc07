package windowshost

import (
	"context"
	"errors"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/remote"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/ssh"
)

// ailment is what is wrong with a host.
type ailment string

const (
	healthy ailment = "healthy"
	// away does not answer until the connection is given up.
	away ailment = "away"
	// hanging lets one in, and never answers.
	hanging ailment = "hanging"
	// refusing answers at once that it cannot be what is wanted.
	refusing ailment = "refusing"
	// failing fails at the end of each change.
	failing ailment = "failing"
)

// How long things take: as on a network, or as pkg/ssh and the agent's client permit.
const (
	aQuestion = 500 * time.Millisecond
	aChange   = time.Minute
	aDial     = 15 * time.Second
	aHang     = 2 * time.Minute
)

// scriptedHost is a node that is to be changed, and may be broken. What it does takes time of the scene.
type scriptedHost struct {
	spend func(time.Duration)
	ails  ailment
	facts state.Facts
	has   string // digest of the desired state
}

func (h *scriptedHost) answer() error {
	switch h.ails {
	case away:
		h.spend(aDial)
		return &ssh.UnreachableError{Host: h.facts.Hostname, Err: errors.New("i/o timeout")}
	case hanging:
		h.spend(aHang)
		return &ssh.TimeoutError{Host: h.facts.Hostname, Doing: "running the agent", After: aHang}
	default:
		h.spend(aQuestion)
		return nil
	}
}

func (h *scriptedHost) Facts(context.Context) (*state.Facts, Login, error) {
	return &h.facts, Login{HostKey: "ssh-ed25519 SHA256:x", Key: "SHA256:x"}, h.answer()
}

func (h *scriptedHost) Plan(_ context.Context, desired *state.Desired) (*protocol.Result, error) {
	digest, err := state.DesiredDigest(desired)
	if err != nil {
		return nil, err
	}
	plan := &state.Plan{Desired: digest}
	switch {
	case h.ails == refusing:
		plan.Refusals = []state.Finding{{Code: state.FindingDiskSpace, Message: "Drive C: is full. Make room."}}
	case h.has != digest:
		plan.Actions = []state.Action{{Verb: state.VerbUpdate, ID: state.ID{Kind: state.KindService, Name: "kubelet"}, Disruptive: true}}
	}
	outcome := protocol.OutcomeDone
	if len(plan.Refusals) > 0 {
		outcome = protocol.OutcomeRefused
	}
	return &protocol.Result{Outcome: outcome, Plan: plan}, h.answer()
}

func (h *scriptedHost) Verify(context.Context) (*protocol.Result, error) {
	return &protocol.Result{Outcome: protocol.OutcomeDone, Plan: &state.Plan{Desired: h.has}}, h.answer()
}

func (h *scriptedHost) Apply(_ context.Context, desired *state.Desired, _ remote.Contents) (*protocol.Result, error) {
	h.spend(aChange)
	if h.ails == failing {
		return &protocol.Result{Outcome: protocol.OutcomeFailed, Error: "the service kubelet has ended"}, nil
	}
	digest, err := state.DesiredDigest(desired)
	h.has = digest
	return &protocol.Result{Outcome: protocol.OutcomeDone}, err
}

func (h *scriptedHost) Remove(context.Context, string, func(string)) (*protocol.Result, error) {
	return &protocol.Result{Outcome: protocol.OutcomeDone}, h.answer()
}

func (h *scriptedHost) RequestReboot(context.Context) error { return h.answer() }

// scriptedHosts are by their addresses.
type scriptedHosts map[string]*scriptedHost

func (m scriptedHosts) Machine(target *ssh.Target) Machine { return m[target.Address] }
