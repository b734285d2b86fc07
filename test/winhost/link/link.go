// Package link is a network cable between clients on this machine and one TCP server: it can be pulled out, be
// slow, or be cut. It forwards connections; unlike a real cable, it has accepted them before they arrive, so a
// client of an unplugged server waits for the server's first words and not for the connection.
package link

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"
)

// Speed limits what all connections together may carry in each direction. The zero value is no limit.
type Speed struct {
	BytesPerSecond int
	// Latency is how long every byte travels one way.
	Latency time.Duration
}

// Link forwards connections until it is closed. Its methods may be called concurrently.
type Link struct {
	listener net.Listener
	dial     func(context.Context) (net.Conn, error)
	ctx      context.Context //nolint:containedctx // The life of the link, which no call bounds.
	cancel   context.CancelFunc
	running  sync.WaitGroup
	up, down lane

	mu      sync.Mutex
	plugged chan struct{} // Closed while the cable is in.
	flows   map[*flow]struct{}
}

// New listens on an address of this machine and forwards what arrives to the connections that dial makes. An error
// of dial resets the client's connection.
func New(address string, dial func(context.Context) (net.Conn, error)) (*Link, error) {
	ctx, cancel := context.WithCancel(context.Background())
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("listening for clients of the host: %w", err)
	}
	l := &Link{
		listener: listener, dial: dial, ctx: ctx, cancel: cancel,
		plugged: make(chan struct{}), flows: map[*flow]struct{}{},
	}
	close(l.plugged)
	l.running.Go(l.accept)
	return l, nil
}

// Address is where clients connect to: host:port.
func (l *Link) Address() string { return l.listener.Addr().String() }

// SetSpeed changes the speed for everything that is sent from now on.
func (l *Link) SetSpeed(speed Speed) {
	l.up.setSpeed(speed)
	l.down.setSpeed(speed)
}

// Unplug stops every byte, in both directions, and tells nobody.
func (l *Link) Unplug() {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.plugged:
		l.plugged = make(chan struct{})
	default:
	}
}

// Plug ends Unplug. What was sent meanwhile arrives now.
func (l *Link) Plug() {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.plugged:
	default:
		close(l.plugged)
	}
}

// Reset ends every connection as a host does that has never heard of it.
func (l *Link) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for f := range l.flows {
		f.reset()
	}
}

// Close ends everything and returns when it has ended.
func (l *Link) Close() {
	l.cancel()
	_ = l.listener.Close() // It only listened.
	l.Reset()
	l.running.Wait()
}

// whenPlugged waits until the cable is in, or until the channel is closed, which is false.
func (l *Link) whenPlugged(done <-chan struct{}) bool {
	for {
		l.mu.Lock()
		plugged := l.plugged
		l.mu.Unlock()
		select {
		case <-plugged:
			return true
		case <-done:
			return false
		}
	}
}

func (l *Link) accept() {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return // Closed.
		}
		f := newFlow(l, client)
		l.mu.Lock()
		l.flows[f] = struct{}{}
		l.mu.Unlock()
		if l.ctx.Err() != nil {
			f.reset() // Close may have missed it.
		}
		l.running.Go(func() {
			f.run()
			l.mu.Lock()
			delete(l.flows, f)
			l.mu.Unlock()
		})
	}
}
