package windowshost

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/remote"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/ssh"
)

// OverSSH reaches hosts by SSH, with the agent of this release.
type OverSSH struct {
	Pool    *ssh.Pool
	Program *remote.Program
	// Now is the clock that hosts' clocks are compared with; nil does not compare them.
	Now func() time.Time
}

var _ Machines = OverSSH{}

// Machine is the host behind a target.
func (o OverSSH) Machine(target *ssh.Target) Machine { return sshMachine{o, target} }

// sshMachine is one host.
type sshMachine struct {
	OverSSH
	target *ssh.Target
}

// Facts are what is true of the host, and how it was logged in to.
func (m sshMachine) Facts(ctx context.Context) (facts *state.Facts, login Login, err error) {
	err = m.Pool.Do(ctx, m.target, func(ctx context.Context, conn *ssh.Conn) (err error) {
		login = Login{HostKey: conn.HostKey().String(), Key: conn.Key()}
		facts, err = m.agent(nil).Facts(ctx, conn)
		return err
	})
	return facts, login, err
}

// Plan is what would have to be done.
func (m sshMachine) Plan(ctx context.Context, desired *state.Desired) (*protocol.Result, error) {
	return m.ask(ctx, nil, func(ctx context.Context, agent *remote.Agent, conn *ssh.Conn) (*protocol.Result, error) {
		return agent.Plan(ctx, conn, desired)
	})
}

// Verify compares the host with what was applied last.
func (m sshMachine) Verify(ctx context.Context) (*protocol.Result, error) {
	return m.ask(ctx, nil, func(ctx context.Context, agent *remote.Agent, conn *ssh.Conn) (*protocol.Result, error) {
		return agent.Verify(ctx, conn)
	})
}

// Apply makes the host what is desired.
func (m sshMachine) Apply(ctx context.Context, desired *state.Desired, contents remote.Contents) (*protocol.Result, error) {
	return m.ask(ctx, contents, func(ctx context.Context, agent *remote.Agent, conn *ssh.Conn) (*protocol.Result, error) {
		return agent.Apply(ctx, conn, desired)
	})
}

// Remove gives the host back.
func (m sshMachine) Remove(ctx context.Context, owner string, note func(string)) (*protocol.Result, error) {
	return m.ask(ctx, nil, func(ctx context.Context, agent *remote.Agent, conn *ssh.Conn) (*protocol.Result, error) {
		agent.Progress = func(event remote.Event) {
			if event.Progress != nil {
				eachNote(event.Progress, note)
			}
		}
		return agent.Remove(ctx, conn, owner)
	})
}

// RequestReboot asks the host to restart. A host that does so seldom has the time to answer.
func (m sshMachine) RequestReboot(ctx context.Context) error {
	err := m.Pool.Do(ctx, m.target, m.agent(nil).Reboot().Request)
	disconnected := (*ssh.DisconnectedError)(nil)
	if err != nil && !errors.As(err, &disconnected) {
		return fmt.Errorf("asking for a restart: %w", err)
	}
	return nil
}

func (m sshMachine) ask(
	ctx context.Context, contents remote.Contents,
	do func(context.Context, *remote.Agent, *ssh.Conn) (*protocol.Result, error),
) (result *protocol.Result, err error) {
	err = m.Pool.Do(ctx, m.target, func(ctx context.Context, conn *ssh.Conn) (err error) {
		result, err = do(ctx, m.agent(contents), conn)
		return err
	})
	return result, err
}

func (m sshMachine) agent(contents remote.Contents) *remote.Agent {
	return &remote.Agent{Program: m.Program, Contents: contents, Now: m.Now}
}
