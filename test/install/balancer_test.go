package install

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/test/process"
)

// patience bounds what takes milliseconds on an idle machine.
const patience = 30 * time.Second

// stub is a replica that greets with its name, in this process.
type stub struct {
	*Program
	listener net.Listener
	ready    atomic.Bool
}

func newStub(t *testing.T, name string) *stub {
	t.Helper()
	s := &stub{Program: &Program{name: name}}
	s.ready.Store(true)
	if _, err := s.reserve(true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.release)
	s.listener = listen(t, s.serving)
	go func() {
		for {
			connection, err := s.listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = connection.Close() }()
				_, _ = fmt.Fprintln(connection, s.name)
				_, _ = io.Copy(connection, connection) // Until the client ends.
			}()
		}
	}()
	health := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !s.ready.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})}
	listener := listen(t, s.health)
	go func() { _ = health.Serve(listener) }()
	t.Cleanup(func() { _ = health.Close() })
	return s
}

func listen(t *testing.T, port *process.Port) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", port.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

func balance(t *testing.T, replicas ...*stub) *balancer {
	t.Helper()
	b, err := startBalancer((*Program).ServingAddress)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.close)
	var programs []*Program
	for _, replica := range replicas {
		programs = append(programs, replica.Program)
	}
	b.serve(programs)
	return b
}

// greeting returns who answers a new connection, and nothing where it is refused.
func greeting(b *balancer) string {
	connection, err := net.DialTimeout("tcp", b.listener.Addr().String(), patience)
	if err != nil {
		return ""
	}
	defer func() { _ = connection.Close() }()
	line, _, _ := bufio.NewReader(connection).ReadLine()
	return string(line)
}

// expect waits until exactly these replicas answer, among as many connections in a row as would ask each twice.
func expect(t *testing.T, b *balancer, want ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		got := map[string]bool{}
		for range 2 * len(b.replicas) {
			got[greeting(b)] = true
		}
		same := len(got) == len(want)
		for _, name := range want {
			same = same && got[name]
		}
		if same {
			return
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatalf("%v answer, want %v", got, want)
		}
	}
}

func TestConnectionsAreSharedAmongReplicasThatAreReady(t *testing.T) {
	one, two := newStub(t, "one"), newStub(t, "two")
	b := balance(t, one, two)
	expect(t, b, "one", "two")
	one.ready.Store(false)
	expect(t, b, "two")
	one.ready.Store(true)
	expect(t, b, "one", "two")
}

func TestNobodyIsLedToAReplicaThatIsBeingStopped(t *testing.T) {
	one, two := newStub(t, "one"), newStub(t, "two")
	b := balance(t, one, two)
	expect(t, b, "one", "two")
	one.leaving.Store(true)
	for range 10 {
		if got := greeting(b); got != "two" {
			t.Fatalf("%q answers, want two", got)
		}
	}
}

func TestAReplicaThatIsGoneSinceItWasAskedIsPassedOver(t *testing.T) {
	one, two := newStub(t, "one"), newStub(t, "two")
	b := balance(t, one, two)
	expect(t, b, "one", "two")
	if err := one.listener.Close(); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if got := greeting(b); got != "two" {
			t.Fatalf("%q answers, want two", got)
		}
	}
}

func TestWithoutAReadyReplicaConnectionsAreReset(t *testing.T) {
	one := newStub(t, "one")
	one.ready.Store(false)
	b := balance(t, one)
	expect(t, b, "")
}

func TestCloseBreaksConnections(t *testing.T) {
	one := newStub(t, "one")
	b := balance(t, one)
	expect(t, b, "one")
	connection, err := net.DialTimeout("tcp", b.listener.Addr().String(), patience)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	answers := bufio.NewReader(connection)
	if _, _, err := answers.ReadLine(); err != nil {
		t.Fatal(err)
	}
	b.close()
	if err := connection.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := answers.ReadByte(); err == nil {
		t.Error("still connected")
	}
}
