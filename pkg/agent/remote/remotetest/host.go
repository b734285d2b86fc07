package remotetest

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"path/filepath"
	"sync"

	gossh "golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/ssh"
	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
	"github.com/mullion-dev/mullion/pkg/ssh/sshtest"
)

// User may log in to every host, as any other user may.
const User = "Administrator"

// Options say what a host is.
type Options struct {
	// Directory is where the host keeps what is uploaded. It is empty at first.
	Directory string
	// Machine is the host itself; nil is a new one.
	Machine *memhost.Machine
	// Intercept, if it is not nil, is called instead of the agent, which is run by next.
	Intercept func(ctx context.Context, process *sshtest.Process, next Run) int
	// Change, if it is not nil, changes the SSH server before it starts.
	Change func(*sshtest.Config)
}

// Run runs the agent, and returns its exit code.
type Run func(context.Context, *sshtest.Process) int

// Host is a host that is running until it is closed.
type Host struct {
	*sshtest.Server
	// Machine is what is behind the agent.
	Machine *memhost.Machine
	// PrivateKey lets User log in. It is in PEM.
	PrivateKey []byte

	key       gossh.Signer
	drive     string
	intercept func(context.Context, *sshtest.Process, Run) int

	// importing keeps two runs of the agent from importing the same content at once.
	importing sync.Mutex
	// running counts agents that run.
	running int
}

// Start starts a host.
func Start(options Options) (*Host, error) {
	h := &Host{
		Machine: options.Machine, drive: filepath.Join(options.Directory, "C:"), intercept: options.Intercept,
	}
	if h.Machine == nil {
		h.Machine = memhost.New()
	}
	if err := h.makeKey(); err != nil {
		return nil, err
	}
	config := sshtest.Config{
		Authorized: []gossh.PublicKey{h.key.PublicKey()}, Drive: options.Directory, Command: h.run,
	}
	if options.Change != nil {
		options.Change(&config)
	}
	var err error
	if h.Server, err = sshtest.Start(config); err != nil {
		return nil, err
	}
	return h, nil
}

func (h *Host) makeKey() error {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return fmt.Errorf("making a key: %w", err)
	}
	block, err := gossh.MarshalPrivateKey(private, "")
	if err != nil {
		return fmt.Errorf("making a key: %w", err)
	}
	h.PrivateKey = pem.EncodeToMemory(block)
	if h.key, err = gossh.NewSignerFromKey(private); err != nil {
		return fmt.Errorf("making a key: %w", err)
	}
	return nil
}

// Target is how to reach the host, with the right key and the host's own pinned.
func (h *Host) Target() *ssh.Target {
	return &ssh.Target{
		Address: h.Address(), User: User, Keys: []gossh.Signer{h.key},
		HostKeys: hostkey.Policy{Pins: []hostkey.Pin{hostkey.PinOf(h.HostKey())}},
	}
}

// Executable is what a manager may take for the agent's executable. Those of different versions differ.
func Executable(version string) []byte { return []byte("MZ, the agent " + version) }
