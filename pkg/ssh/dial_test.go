package ssh

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
	"github.com/mullion-dev/mullion/pkg/ssh/sshtest"
)

// reach does nothing with a host but connect.
func reach(t testing.TB, pool *Pool, target *Target) error {
	t.Helper()
	return pool.Do(t.Context(), target, func(context.Context, *Conn) error { return nil })
}

func TestKeysAreTriedInOrder(t *testing.T) {
	s := start(t, nil)
	accepted := s.target.Keys[0]
	stranger := newKey(t)
	for sentence, keys := range map[string][]ssh.Signer{
		"the new one before the old one": {stranger, accepted},
		"the only one":                   {accepted},
		"what comes after is not used":   {accepted, stranger},
	} {
		t.Run(sentence, func(t *testing.T) {
			pool := newPool(t, Options{})
			var used string
			err := pool.Do(t.Context(), s.with(func(to *Target) { to.Keys = keys }), func(_ context.Context, c *Conn) error {
				used = c.Key()
				return nil
			})
			if want := ssh.FingerprintSHA256(accepted.PublicKey()); err != nil || used != want {
				t.Errorf("want %s to be used, got %s, %v", want, used, err)
			}
		})
	}
}

func TestARefusedLoginTellsWhichKeysWereTried(t *testing.T) {
	s := start(t, nil)
	first, second := newKey(t), newKey(t)
	for sentence, test := range map[string]struct {
		keys  []ssh.Signer
		tried []string
		want  string
	}{
		"all of them, in order": {
			[]ssh.Signer{first, second},
			[]string{ssh.FingerprintSHA256(first.PublicKey()), ssh.FingerprintSHA256(second.PublicKey())},
			"the host accepts none of the keys: tried SHA256:",
		},
		"or that there was none": {nil, nil, "no key was given"},
	} {
		t.Run(sentence, func(t *testing.T) {
			pool := newPool(t, Options{})
			err := as[*AuthenticationError](t, reach(t, pool, s.with(func(to *Target) { to.Keys = test.keys })))
			if diff := cmp.Diff(test.tried, err.Tried); diff != "" {
				t.Error(diff)
			}
			if err.Host != s.Address() || err.User != "Administrator" || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAServerThatCountsKeysHasRefused(t *testing.T) {
	s := start(t, nil)
	var keys []ssh.Signer
	for range 8 { // The server gives up after six.
		keys = append(keys, newKey(t))
	}
	pool := newPool(t, Options{})
	err := as[*AuthenticationError](t, reach(t, pool, s.with(func(to *Target) { to.Keys = keys })))
	if len(err.Tried) >= len(keys) || err.Err == nil {
		t.Errorf("%d keys were tried: %v", len(err.Tried), err)
	}
}

func TestAHostThatIsDownIsUnreachable(t *testing.T) {
	s := start(t, nil)
	s.Close()
	pool := newPool(t, Options{})
	err := as[*UnreachableError](t, reach(t, pool, s.target))
	if err.Host != s.Address() {
		t.Errorf("got %v", err)
	}
}

// listen accepts connections and does something with them.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			serve(connection)
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return listener.Addr().String()
}

func TestWhatDoesNotSpeakSSHIsUnreachable(t *testing.T) {
	address := listen(t, func(c net.Conn) {
		_, _ = c.Write([]byte(strings.Repeat("HTTP/1.1 400 Bad Request\r\n", 2000)))
		_ = c.Close()
	})
	pool := newPool(t, Options{})
	expect[*UnreachableError](t, reach(t, pool, &Target{Address: address, User: "x"}))
}

func TestAHostThatHangsUpWasDisconnected(t *testing.T) {
	address := listen(t, func(c net.Conn) { _ = c.Close() })
	pool := newPool(t, Options{})
	err := as[*DisconnectedError](t, reach(t, pool, &Target{Address: address, User: "x"}))
	if err.Doing != "exchanging keys" {
		t.Errorf("got %v", err)
	}
}

func TestAHostThatSaysNothingIsATimeout(t *testing.T) {
	s := start(t, nil)
	s.Unplug()
	defer s.Plug()
	pool := newPool(t, Options{Connect: 500 * time.Millisecond})
	err := as[*TimeoutError](t, reach(t, pool, s.target))
	if err.Doing != "exchanging keys" || err.Host != s.Address() {
		t.Errorf("got %v", err)
	}
}

func TestACallerNeedNotWaitForAConnection(t *testing.T) {
	s := start(t, nil)
	s.Unplug()
	defer s.Plug()
	pool := newPool(t, Options{})
	ctx, end := context.WithCancelCause(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- pool.Do(ctx, s.target, func(context.Context, *Conn) error { return nil }) }()
	eventually(t, "a connection", func() bool { return s.Accepted() == 1 })
	end(context.DeadlineExceeded)
	if err := <-ended; as[*TimeoutError](t, err).Doing != "connecting" {
		t.Errorf("got %v", err)
	}
}

func TestADeadPeerIsNoticed(t *testing.T) {
	started := make(chan struct{}, 1)
	s := start(t, hangs(started))
	pool := newPool(t, Options{DeadPeer: time.Second})
	go func() {
		<-started
		s.Unplug()
	}()
	began := time.Now()
	err := as[*DisconnectedError](t, run(t, pool, s.target, program("apply")))
	if !strings.Contains(err.Error(), "nothing has arrived from the host for") {
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > patience/2 {
		t.Errorf("it took %v", took)
	}
	s.Plug()
}

func TestAHostThatIsBusyIsNotDead(t *testing.T) {
	release := make(chan struct{})
	s := start(t, func(config *sshtest.Config) {
		config.Command = func(ctx context.Context, _ *sshtest.Process) int {
			select {
			case <-release:
				return 0
			case <-ctx.Done():
				return 1
			}
		}
	})
	// No answer takes half of that, however busy this machine is.
	pool := newPool(t, Options{DeadPeer: 1500 * time.Millisecond})
	err := pool.Do(t.Context(), s.target, func(ctx context.Context, c *Conn) error {
		ended := make(chan error, 1)
		go func() { ended <- c.Run(ctx, program("apply")) }()
		// Three of them may be of the session. There is a keepalive in each third of DeadPeer, so the rest take longer.
		answers, received := 0, c.Traffic().Received
		eventually(t, "answers to keepalives", func() bool {
			if now := c.Traffic().Received; now > received {
				answers, received = answers+1, now
			}
			return answers > 6
		})
		close(release)
		return <-ended
	})
	if err != nil {
		t.Error(err)
	}
}

func TestAJumpHostIsGoneThrough(t *testing.T) {
	behind := start(t, exits(0))
	other := start(t, exits(0))
	jump := start(t, func(config *sshtest.Config) { config.Forward = true })
	pool := newPool(t, Options{})
	for _, s := range []*server{behind, other} {
		target := s.with(func(to *Target) { to.Jump = jump.target })
		if err := run(t, pool, target, program("facts")); err != nil {
			t.Fatal(err)
		}
	}
	if got := jump.Accepted(); got != 1 {
		t.Errorf("%d connections were made to the jump host for two hosts behind it", got)
	}
	t.Run("and its host key is checked as well", func(t *testing.T) {
		impostor := jump.with(func(to *Target) { to.HostKeys.Pins = []hostkey.Pin{hostkey.PinOf(newKey(t).PublicKey())} })
		err := reach(t, pool, behind.with(func(to *Target) { to.Jump = impostor }))
		if as[*hostkey.MismatchError](t, err).Address != jump.Address() {
			t.Errorf("got %v", err)
		}
	})
	t.Run("and so is that of the host behind it", func(t *testing.T) {
		err := reach(t, pool, behind.with(func(to *Target) {
			to.Jump = jump.target
			to.HostKeys.Pins = []hostkey.Pin{hostkey.PinOf(newKey(t).PublicKey())}
		}))
		if as[*hostkey.MismatchError](t, err).Address != behind.Address() {
			t.Errorf("got %v", err)
		}
	})
	t.Run("and a host that it cannot reach is unreachable", func(t *testing.T) {
		other.Close()
		err := reach(t, pool, other.with(func(to *Target) { to.Jump, to.User = jump.target, "somebody" }))
		if as[*UnreachableError](t, err).Host != other.Address() {
			t.Errorf("got %v", err)
		}
	})
	t.Run("and when it goes, so do the connections through it", func(t *testing.T) {
		jump.Cut()
		eventually(t, "the connections to end", func() bool { return behind.Open() == 0 && pool.connections() == 0 })
		if err := run(t, pool, behind.with(func(to *Target) { to.Jump = jump.target }), program("facts")); err != nil {
			t.Errorf("and are not made again: %v", err)
		}
	})
}

func TestAJumpHostThatSaysNothingIsATimeout(t *testing.T) {
	behind := start(t, nil)
	behind.Unplug()
	defer behind.Plug()
	jump := start(t, func(config *sshtest.Config) { config.Forward = true })
	pool := newPool(t, Options{Connect: 3 * time.Second}) // In which one is logged in to the jump host.
	err := reach(t, pool, behind.with(func(to *Target) { to.Jump = jump.target }))
	if as[*TimeoutError](t, err).Host != behind.Address() {
		t.Errorf("got %v", err)
	}
}

func TestIPv6AddressesAreReached(t *testing.T) {
	s := start(t, func(config *sshtest.Config) { config.Address = "[::1]:0" })
	pool := newPool(t, Options{})
	if err := reach(t, pool, s.target); err != nil {
		t.Error(err)
	}
}

func TestAddressesHavePort22UnlessTheySayOtherwise(t *testing.T) {
	for address, want := range map[string]string{
		"win-1":               "win-1:22",
		"win-1.example.com":   "win-1.example.com:22",
		"win-1:2222":          "win-1:2222",
		"192.0.2.1":           "192.0.2.1:22",
		"192.0.2.1:2222":      "192.0.2.1:2222",
		"2001:db8::1":         "[2001:db8::1]:22",
		"[2001:db8::1]":       "[2001:db8::1]:22",
		"[2001:db8::1]:2222":  "[2001:db8::1]:2222",
		"fe80::1%eth0":        "[fe80::1%eth0]:22",
		"":                    `address "": there is no host in it`,
		":22":                 `address ":22": there is no host in it`,
		"win-1:ssh":           `address "win-1:ssh": the port must be a number from 1 to 65535`,
		"win-1:0":             `address "win-1:0": the port must be a number from 1 to 65535`,
		"win-1:65536":         `address "win-1:65536": the port must be a number from 1 to 65535`,
		"ssh://win-1":         `address "ssh://win-1": the port must be a number from 1 to 65535`,
		"administrator@win-1": `address "administrator@win-1": want a name or an IP address, with or without :port`,
		"1:2:3":               `address "1:2:3": want a name or an IP address, with or without :port`,
	} {
		t.Run(address, func(t *testing.T) {
			got, err := (&Target{Address: address}).hostPort()
			if err != nil {
				got = err.Error()
			}
			if got != want {
				t.Errorf("want %s, got %s", want, got)
			}
		})
	}
}

func TestAWrongAddressIsAnErrorOfItsOwn(t *testing.T) {
	pool := newPool(t, Options{})
	for _, target := range []*Target{{Address: "a b"}, {Address: "host", Jump: &Target{Address: ""}}} {
		err := reach(t, pool, target)
		if unreachable := (*UnreachableError)(nil); err == nil || errors.As(err, &unreachable) {
			t.Errorf("got %v", err)
		}
	}
}
