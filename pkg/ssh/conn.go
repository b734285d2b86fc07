package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
)

// closeGrace is how long a host has to confirm that a session is closed.
const closeGrace = time.Second

var (
	errClosed = errors.New("the connection was closed on this side")
	errDeaf   = fmt.Errorf("the host did not confirm within %v that a session was closed", closeGrace)
)

// Conn is a connection to a host, logged in. Its methods are safe for concurrent use: each has a session of its own.
type Conn struct {
	host    string
	wire    *wire
	client  *ssh.Client
	hostKey hostkey.Pin
	key     string
	options Options

	running sync.WaitGroup
	once    sync.Once
	ended   chan struct{} // closed by end
	cause   error         // read after ended
}

// start lets the connection be watched until it ends.
func (c *Conn) start(options Options) {
	c.options = options
	c.running.Go(func() {
		err := c.client.Wait()
		if err == nil {
			err = io.EOF
		}
		c.end(err)
	})
	c.running.Go(c.keepAlive)
}

// end is called by whoever notices first that the connection has ended, or ends it.
func (c *Conn) end(cause error) {
	c.once.Do(func() {
		c.cause = cause
		close(c.ended)
		_ = c.wire.Close()
	})
}

// close ends the connection and everything that goes on over it, and returns when it has ended.
func (c *Conn) close() {
	c.end(errClosed)
	c.running.Wait()
}

// alive is whether the connection is not known to have ended.
func (c *Conn) alive() bool { return c.why() == nil }

// why is how the connection ended, nil as long as that is not known. The wire knows before anybody else does.
func (c *Conn) why() error {
	select {
	case <-c.ended:
		return c.cause
	default:
		return c.wire.err()
	}
}

// Host is the address of the host, with its port.
func (c *Conn) Host() string { return c.host }

// HostKey is the key that the host has proven to have.
func (c *Conn) HostKey() hostkey.Pin { return c.hostKey }

// Key is the fingerprint of the key that the host has accepted, to tell during a rotation which one it was.
func (c *Conn) Key() string { return c.key }

// Traffic is what went over the connection since it was made.
func (c *Conn) Traffic() Traffic { return c.wire.traffic() }

// during does work that knows no context. If the context ends before it, interrupt is called, which should make work
// end; a host that does not play along loses its connection after closeGrace, which ends everything. So work has ended
// when during returns.
func (c *Conn) during(ctx context.Context, interrupt func(), work func() error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var failed error
	done := make(chan struct{})
	go func() {
		defer close(done)
		failed = work()
	}()
	select {
	case <-done:
		return failed
	case <-ctx.Done():
	}
	deaf := time.AfterFunc(closeGrace, func() { c.end(errDeaf) })
	defer deaf.Stop()
	interrupt()
	<-done
	return context.Cause(ctx)
}

// session opens a session.
func (c *Conn) session(ctx context.Context) (*ssh.Session, error) {
	var session *ssh.Session
	err := c.during(ctx, func() {}, func() (err error) {
		session, err = c.client.NewSession()
		return err
	})
	if err != nil {
		if session != nil {
			_ = session.Close()
		}
		return nil, fmt.Errorf("opening a session: %w", err)
	}
	return session, nil
}

// explain tells what an error has to do with the context and the connection.
func (c *Conn) explain(ctx context.Context, doing string, began time.Time, err error) error {
	command := (*CommandError)(nil)
	if err == nil || errors.As(err, &command) {
		return err
	}
	if ctx.Err() != nil {
		return explainEnd(ctx, c.host, doing, began, err)
	}
	if why := c.why(); why != nil {
		return &DisconnectedError{Host: c.host, Doing: doing, Err: why}
	}
	if lost(err) {
		return &DisconnectedError{Host: c.host, Doing: doing, Err: err}
	}
	return fmt.Errorf("%s: %s: %w", c.host, doing, err)
}
