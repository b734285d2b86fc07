package link_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/test/winhost/link"
)

const patience = 10 * time.Second

// newEcho starts a server that returns what it gets, and a link to it.
func newEcho(t *testing.T) *link.Link {
	t.Helper()
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	go func() {
		for {
			connection, err := server.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(connection, connection)
				_ = connection.(*net.TCPConn).CloseWrite()
			}()
		}
	}()
	l, err := link.New("127.0.0.1:0", func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", server.Addr().String())
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

func dial(t *testing.T, l *link.Link) net.Conn {
	t.Helper()
	connection, err := net.DialTimeout("tcp", l.Address(), patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	if err := connection.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return connection
}

// exchange sends and expects the same back.
func exchange(t *testing.T, connection net.Conn, sent []byte) {
	t.Helper()
	go func() { _, _ = connection.Write(sent) }()
	received := make([]byte, len(sent))
	if _, err := io.ReadFull(connection, received); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(sent, received) {
		t.Error("not what was sent came back")
	}
}

func TestEverythingIsForwardedUntilTheEnd(t *testing.T) {
	connection := dial(t, newEcho(t))
	exchange(t, connection, bytes.Repeat([]byte("mullion "), 100_000))
	if err := connection.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(connection); err != nil || len(rest) != 0 {
		t.Errorf("after the end: %d bytes, %v", len(rest), err)
	}
}

func TestAnUnpluggedLinkIsSilentAndGoesOnWhenPluggedIn(t *testing.T) {
	l := newEcho(t)
	before := dial(t, l)
	exchange(t, before, []byte("hello"))
	l.Unplug()
	l.Unplug()
	during := dial(t, l)
	for name, connection := range map[string]net.Conn{"an old": before, "a new": during} {
		if _, err := connection.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if err := connection.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if _, err := connection.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s connection got %v", name, err)
		}
	}
	l.Plug()
	l.Plug()
	for _, connection := range []net.Conn{before, during} {
		if err := connection.SetReadDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		if _, err := connection.Read(make([]byte, 1)); err != nil {
			t.Error(err)
		}
	}
}

func TestASlowLinkTakesItsTime(t *testing.T) {
	tests := map[string]struct {
		speed link.Speed
		size  int
		want  time.Duration
	}{
		"bytes per second":  {link.Speed{BytesPerSecond: 1 << 20}, 200 << 10, 195 * time.Millisecond},
		"latency both ways": {link.Speed{Latency: 100 * time.Millisecond}, 1, 200 * time.Millisecond},
		"latency does not add up while more is sent": {
			link.Speed{Latency: 50 * time.Millisecond}, 500 << 10, 100 * time.Millisecond,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l := newEcho(t)
			l.SetSpeed(tt.speed)
			connection := dial(t, l)
			started := time.Now()
			exchange(t, connection, make([]byte, tt.size))
			if took := time.Since(started); took < tt.want || took > tt.want+5*time.Second {
				t.Errorf("took %s, want %s", took, tt.want)
			}
		})
	}
}

func TestAResetEndsConnections(t *testing.T) {
	l := newEcho(t)
	connection := dial(t, l)
	exchange(t, connection, []byte("hello"))
	l.Reset()
	if _, err := connection.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v", err)
	}
	exchange(t, dial(t, l), []byte("hello"))
}

func TestAServerThatCannotBeReachedResetsItsClients(t *testing.T) {
	l, err := link.New("127.0.0.1:0", func(context.Context) (net.Conn, error) { return nil, errors.New("off") })
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	connection, err := net.DialTimeout("tcp", l.Address(), patience)
	if err == nil {
		_, err = connection.Read(make([]byte, 1))
		_ = connection.Close()
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v", err)
	}
}

func TestAnUnpluggedLinkCanBeClosed(t *testing.T) {
	l := newEcho(t)
	connection := dial(t, l)
	exchange(t, connection, []byte("hello"))
	l.Unplug()
	if _, err := connection.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	l.Close()
}
