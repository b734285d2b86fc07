package ssh

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
	"github.com/mullion-dev/mullion/pkg/ssh/sshtest"
)

// patience is how long tests wait for what is sure to come.
const patience = 20 * time.Second

// server is a host, and how to reach it.
type server struct {
	*sshtest.Server
	target *Target
	drive  string
}

// start starts a host that knows one key, serves an empty drive and runs commands as a test says.
func start(t testing.TB, change func(*sshtest.Config)) *server {
	t.Helper()
	key := newKey(t)
	config := sshtest.Config{Authorized: []ssh.PublicKey{key.PublicKey()}, Drive: t.TempDir()}
	if change != nil {
		change(&config)
	}
	running, err := sshtest.Start(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Close)
	return &server{
		Server: running,
		drive:  filepath.Join(config.Drive, "C:"),
		target: &Target{
			Address:  running.Address(),
			User:     "Administrator",
			Keys:     []ssh.Signer{key},
			HostKeys: hostkey.Policy{Pins: []hostkey.Pin{hostkey.PinOf(running.HostKey())}},
		},
	}
}

// with returns the target with a change.
func (s *server) with(change func(*Target)) *Target {
	changed := *s.target
	change(&changed)
	return &changed
}

// newPool makes a pool, and makes sure that it leaves nothing behind. Make it after the hosts it is for.
func newPool(t testing.TB, options Options) *Pool {
	t.Helper()
	before := runtime.NumGoroutine()
	pool := NewPool(options)
	t.Cleanup(func() {
		pool.Close()
		eventually(t, "goroutines to end", func() bool {
			// Those of the servers may be fewer than before, never more once their connections are gone.
			return runtime.NumGoroutine() <= before
		})
	})
	return pool
}

func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	tick, late := time.NewTicker(2*time.Millisecond), time.After(patience)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-late:
			stacks := make([]byte, 1<<20)
			t.Fatalf("waited in vain for %s\n%s", what, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

func newKey(t testing.TB) ssh.Signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// program is a command that any test host takes.
func program(args ...string) Command {
	return Command{Path: `C:\ProgramData\mullion\mullion-agent.exe`, Args: args}
}

// run runs a command.
func run(t testing.TB, pool *Pool, target *Target, command Command) error {
	t.Helper()
	return pool.Do(t.Context(), target, func(ctx context.Context, c *Conn) error { return c.Run(ctx, command) })
}

// exits makes hosts whose commands end at once.
func exits(status int) func(*sshtest.Config) {
	return func(config *sshtest.Config) {
		config.Command = func(context.Context, *sshtest.Process) int { return status }
	}
}

// hangs makes hosts whose commands read nothing and never end by themselves; each is announced.
func hangs(started chan<- struct{}) func(*sshtest.Config) {
	return func(config *sshtest.Config) {
		config.Command = func(ctx context.Context, _ *sshtest.Process) int {
			started <- struct{}{}
			<-ctx.Done()
			return sshtest.NoStatus
		}
	}
}

// as asserts that an error is of a type, and returns it.
func as[E error](t testing.TB, err error) E {
	t.Helper()
	var typed E
	if !errors.As(err, &typed) {
		t.Fatalf("want a %T, got %T: %v", typed, err, err)
	}
	return typed
}

// expect is as for who only wants to know the type.
func expect[E error](t testing.TB, err error) {
	t.Helper()
	_ = as[E](t, err)
}

// payload is a file to upload: bytes that differ from place to place.
type payload struct {
	content []byte
	Upload
}

func newPayload(size int) *payload {
	content := make([]byte, size)
	seed := sha256.Sum256([]byte("payload"))
	for at := 0; at < size; at += len(seed) {
		copy(content[at:], seed[:])
		seed = sha256.Sum256(seed[:])
	}
	p := &payload{content: content}
	p.Upload = Upload{Source: p, Size: int64(size), SHA256: sha256.Sum256(content), Path: `C:\k\kubelet.exe`}
	return p
}

func (p *payload) ReadAt(into []byte, offset int64) (int, error) {
	if offset >= int64(len(p.content)) {
		return 0, io.EOF
	}
	n := copy(into, p.content[offset:])
	if n < len(into) {
		return n, io.EOF
	}
	return n, nil
}

// upload uploads a file.
func upload(t testing.TB, pool *Pool, target *Target, what Upload) (done Uploaded, err error) {
	t.Helper()
	err = pool.Do(t.Context(), target, func(ctx context.Context, c *Conn) (err error) {
		done, err = c.Upload(ctx, what)
		return err
	})
	return done, err
}

// names are what is in a directory of a host's drive.
func (s *server) names(t testing.TB, directory string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(s.drive, directory))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func (s *server) read(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(s.drive, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func (s *server) write(t testing.TB, name string, content []byte) {
	t.Helper()
	path := filepath.Join(s.drive, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
