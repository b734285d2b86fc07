package ssh

import (
	"context"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
	"github.com/mullion-dev/mullion/pkg/ssh/sshtest"
)

// The mistakes that others made on the wire, each of which is a night's work for somebody. Those that are tested where
// they belong are: commands without a deadline, TestACommandIsBoundedByADeadlineOfItsOwn; files that are seen half
// written, TestWhoReadsAFileThatIsUploadedSeesItAsItWasOrWhole; quotes that are rewritten for each shell,
// TestWhatShellsMayReadDifferentlyIsRefused.

func TestOneNameThatDoesNotResolveStopsNoOtherHost(t *testing.T) {
	s := start(t, exits(0))
	pool := newPool(t, Options{Concurrency: 4})
	targets := map[string]*Target{"good": s.target}
	for _, name := range []string{"one.invalid", "two.invalid", "three.invalid"} { // RFC 6761: never resolved.
		targets[name] = s.with(func(to *Target) { to.Address = name })
	}
	failures := reachAll(t, pool, targets)
	if failures["good"] != nil {
		t.Errorf("a host that is good: %v", failures["good"])
	}
	delete(failures, "good")
	for name, err := range failures {
		if as[*UnreachableError](t, err).Host != name+":22" {
			t.Errorf("got %v", err)
		}
	}
}

func TestOneFailingHostStopsNoOtherHost(t *testing.T) {
	good, stranger := start(t, exits(0)), newKey(t)
	down := start(t, nil)
	down.Close()
	dark := start(t, nil)
	dark.Unplug()
	defer dark.Plug()
	pool := newPool(t, Options{Connect: 3 * time.Second})
	failures := reachAll(t, pool, map[string]*Target{
		"good":             good.target,
		"down":             down.target,
		"dark":             dark.target,
		"another host key": good.with(func(to *Target) { to.HostKeys.Pins = []hostkey.Pin{hostkey.PinOf(stranger.PublicKey())} }),
		"another key":      good.with(func(to *Target) { to.Keys = []ssh.Signer{stranger} }),
	})
	if failures["good"] != nil {
		t.Errorf("a host that is good: %v", failures["good"])
	}
	expect[*UnreachableError](t, failures["down"])
	expect[*TimeoutError](t, failures["dark"])
	expect[*hostkey.MismatchError](t, failures["another host key"])
	expect[*AuthenticationError](t, failures["another key"])
}

// reachAll reaches several hosts in one pass.
func reachAll(t *testing.T, pool *Pool, targets map[string]*Target) map[string]error {
	t.Helper()
	failures := map[string]error{}
	var mu sync.Mutex
	var pass sync.WaitGroup
	for name, target := range targets {
		pass.Go(func() {
			err := reach(t, pool, target)
			mu.Lock()
			defer mu.Unlock()
			failures[name] = err
		})
	}
	pass.Wait()
	return failures
}

func TestTheHostKeyIsCheckedOnEveryConnectionWhateverItIsFor(t *testing.T) {
	s := start(t, exits(0))
	stranger := s.with(func(to *Target) { to.HostKeys.Pins = []hostkey.Pin{hostkey.PinOf(newKey(t).PublicKey())} })
	pool := newPool(t, Options{})
	// There is a connection to that very host, whose key was believed on other grounds.
	if err := run(t, pool, s.target, program("facts")); err != nil {
		t.Fatal(err)
	}
	for sentence, work := range map[string]func(context.Context, *Conn) error{
		"a command": func(ctx context.Context, c *Conn) error { return c.Run(ctx, program("facts")) },
		"an upload": func(ctx context.Context, c *Conn) error {
			_, err := c.Upload(ctx, newPayload(10).Upload)
			return err
		},
		"a file": func(ctx context.Context, c *Conn) error {
			_, err := c.ReadFile(ctx, `C:\k\status.json`, 10)
			return err
		},
	} {
		t.Run(sentence, func(t *testing.T) { expect[*hostkey.MismatchError](t, pool.Do(t.Context(), stranger, work)) })
	}
	if got := len(s.Logins()); got != 1 {
		t.Errorf("%d logins", got)
	}
}

func TestARotatedKeyIsUsedAtOnceThoughThereIsAConnection(t *testing.T) {
	previous, next := newKey(t), newKey(t)
	s := start(t, func(config *sshtest.Config) {
		exits(0)(config)
		config.Authorized = []ssh.PublicKey{previous.PublicKey(), next.PublicKey()}
	})
	pool := newPool(t, Options{})
	for number, keys := range [][]ssh.Signer{{previous}, {next, previous}, {next}} {
		if err := reach(t, pool, s.with(func(to *Target) { to.Keys = keys })); err != nil {
			t.Fatal(err)
		}
		// The client may know of its login before the server has noted it.
		eventually(t, "the server to have noted the login", func() bool { return len(s.Logins()) == number+1 })
	}
	logins := s.Logins()
	if logins[0] != ssh.FingerprintSHA256(previous.PublicKey()) || logins[1] != logins[2] || logins[2] != ssh.FingerprintSHA256(next.PublicKey()) {
		t.Errorf("got %v", logins)
	}
}
