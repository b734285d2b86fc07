package ssh

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
	"github.com/mullion-dev/mullion/pkg/ssh/sshtest"
)

// machine is a host that can be restarted.
type machine struct {
	t       *testing.T
	config  sshtest.Config
	target  *Target
	mu      sync.Mutex
	boot    int
	current *sshtest.Server
	// restart is what it does when it is asked to.
	restart func(*machine) int
	working sync.WaitGroup
}

func newMachine(t *testing.T, restart func(*machine) int) *machine {
	t.Helper()
	key, own := newKey(t), newKey(t)
	m := &machine{t: t, restart: restart}
	m.config = sshtest.Config{Authorized: []ssh.PublicKey{key.PublicKey()}, HostKeys: []ssh.Signer{own}, Command: m.command}
	m.start()
	m.config.Address = m.current.Address() // As before, from the second start on.
	m.target = &Target{
		Address: m.config.Address, User: "Administrator", Keys: []ssh.Signer{key},
		HostKeys: hostkey.Policy{Pins: []hostkey.Pin{hostkey.PinOf(own.PublicKey())}},
	}
	t.Cleanup(func() {
		m.working.Wait()
		m.current.Close()
	})
	return m
}

func (m *machine) start() {
	s, err := sshtest.Start(m.config)
	if err != nil {
		m.t.Error(err)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.boot++
	m.current = s
}

func (m *machine) command(_ context.Context, p *sshtest.Process) int {
	if strings.HasSuffix(p.Line, " restart") {
		return m.restart(m)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	_, _ = fmt.Fprintf(p.Stdout, "boot-%d", m.boot)
	return 0
}

// again stops and starts it, with a change in between, while whoever asked for it still waits for an answer.
func (m *machine) again(change func(*sshtest.Config)) {
	m.mu.Lock()
	s := m.current
	m.mu.Unlock()
	m.working.Go(func() {
		s.Close()
		change(&m.config)
		m.start()
	})
}

// how a machine is restarted.
func (m *machine) how() Reboot {
	return Reboot{
		Request: func(ctx context.Context, c *Conn) error { return c.Run(ctx, program("restart")) },
		BootID: func(ctx context.Context, c *Conn) (string, error) {
			var id bytes.Buffer
			command := program("boot-id")
			command.Stdout = io.Writer(&id)
			err := c.Run(ctx, command)
			return id.String(), err
		},
		Timeout: patience,
		Pause:   10 * time.Millisecond,
	}
}

func TestARestartedHostIsThatWithANewBootID(t *testing.T) {
	for sentence, status := range map[string]int{"whether it answers first": 0, "or does not": sshtest.NoStatus} {
		t.Run(sentence, func(t *testing.T) {
			m := newMachine(t, func(m *machine) int {
				m.again(func(*sshtest.Config) {})
				return status
			})
			pool := newPool(t, Options{})
			defer pool.Close()
			got, err := pool.Reboot(t.Context(), m.target, m.how())
			if err != nil || got != "boot-2" {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestAHostThatRefusesToRestartIsNotWaitedFor(t *testing.T) {
	m := newMachine(t, func(*machine) int { return 5 })
	pool := newPool(t, Options{})
	_, err := pool.Reboot(t.Context(), m.target, m.how())
	if as[*CommandError](t, err).Status != 5 {
		t.Errorf("got %v", err)
	}
}

func TestAHostThatDoesNotRestartIsToldWithWhatWasSeenLast(t *testing.T) {
	for sentence, test := range map[string]struct {
		restart func(*machine) int
		want    string
	}{
		"when it just goes on": {func(*machine) int { return 0 }, "still running since boot-1"},
		"when it stays down": {func(m *machine) int {
			m.working.Go(m.current.Close)
			return sshtest.NoStatus
		}, "connection refused"},
	} {
		t.Run(sentence, func(t *testing.T) {
			m := newMachine(t, test.restart)
			pool := newPool(t, Options{})
			defer pool.Close()
			if err := reach(t, pool, m.target); err != nil { // So that logging in takes none of the time.
				t.Fatal(err)
			}
			how := m.how()
			how.Timeout = time.Second
			_, err := pool.Reboot(t.Context(), m.target, how)
			got := as[*RebootError](t, err)
			if !strings.Contains(got.Seen, test.want) || !strings.Contains(err.Error(), "; last seen, ") {
				t.Errorf("want …%s…, got %v", test.want, err)
			}
			expect[*TimeoutError](t, err)
		})
	}
}

func TestAHostWithAnotherKeyAfterARestartIsAHardStop(t *testing.T) {
	m := newMachine(t, func(m *machine) int {
		m.again(func(config *sshtest.Config) { config.HostKeys = nil })
		return sshtest.NoStatus
	})
	pool := newPool(t, Options{})
	defer pool.Close()
	_, err := pool.Reboot(t.Context(), m.target, m.how())
	expect[*hostkey.MismatchError](t, err)
}

func TestARestartNeedsABootIDToCompare(t *testing.T) {
	m := newMachine(t, func(*machine) int {
		t.Error("it was restarted")
		return 0
	})
	pool := newPool(t, Options{})
	for sentence, id := range map[string]func(context.Context, *Conn) (string, error){
		"that is not empty":  func(context.Context, *Conn) (string, error) { return "", nil },
		"that can be had":    func(context.Context, *Conn) (string, error) { return "", errors.New("no agent") },
		"before the timeout": func(ctx context.Context, _ *Conn) (string, error) { <-ctx.Done(); return "", ctx.Err() },
	} {
		t.Run(sentence, func(t *testing.T) {
			how := m.how()
			how.BootID, how.Timeout = id, 100*time.Millisecond
			if _, err := pool.Reboot(t.Context(), m.target, how); err == nil {
				t.Error("it is no error")
			}
		})
	}
}

func TestARestartThatIsCancelledIsNotWaitedFor(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	m := newMachine(t, func(*machine) int {
		cancel()
		return 0
	})
	pool := newPool(t, Options{})
	if _, err := pool.Reboot(ctx, m.target, m.how()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
