package ssh

import (
	"context"
	"time"
)

// host is what a pool has of one target, as long as somebody uses it or there is a connection. Its fields are guarded
// by the pool's mutex, apart from those that never change.
type host struct {
	target   *Target
	identity string
	slots    chan struct{}

	users      int
	connection *Conn
	// making is the attempt to connect for which all who need a connection wait, or nil.
	making *attempt
	// idle ends the connection after a while without users.
	idle *time.Timer
}

// attempt is one attempt to connect. What came of it can be read after done is closed.
type attempt struct {
	done       chan struct{}
	connection *Conn
	err        error
}

// expire replaces the timer that ends a connection nobody uses.
func (h *host) expire(timer *time.Timer) {
	if h.idle != nil {
		h.idle.Stop()
	}
	h.idle = timer
}

// enter makes the caller a user of what the pool has of a target, until leave.
func (p *Pool) enter(target *Target) (*host, error) {
	identity, err := target.identity()
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrPoolClosed
	}
	h := p.hosts[identity]
	if h == nil {
		h = &host{target: target, identity: identity, slots: make(chan struct{}, p.options.HostConcurrency)}
		p.hosts[identity] = h
	}
	h.users++
	h.expire(nil)
	return h, nil
}

func (p *Pool) leave(h *host) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h.users--
	p.rest(h)
}

// rest lets a connection that nobody uses wait for somebody who does, for a while. The mutex is held.
func (p *Pool) rest(h *host) {
	switch {
	case h.users > 0 || h.making != nil:
	case h.connection == nil || !h.connection.alive() || p.closed:
		p.forget(h)
	default:
		h.expire(time.AfterFunc(p.options.Idle, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			if h.users == 0 && h.making == nil { // It may have been too late to stop the timer.
				p.forget(h)
			}
		}))
	}
}

// forget ends what nobody uses. The mutex is held.
func (p *Pool) forget(h *host) {
	if h.connection != nil {
		h.connection.end(errClosed)
	}
	h.expire(nil)
	if p.hosts[h.identity] == h {
		delete(p.hosts, h.identity)
	}
}

// connection returns the connection to a host, and makes it if there is none that is alive. All who wait for it share
// what comes of one attempt, which does not end with the context of whoever came first.
func (p *Pool) connection(ctx context.Context, h *host) (*Conn, error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, ErrPoolClosed
	}
	if h.connection != nil && h.connection.alive() {
		defer p.mu.Unlock()
		return h.connection, nil
	}
	h.connection = nil
	making := h.making
	if making == nil {
		making = &attempt{done: make(chan struct{})}
		h.making = making
		p.running.Go(func() { p.connect(context.WithoutCancel(ctx), h, making) })
	}
	p.mu.Unlock()

	began := time.Now()
	select {
	case <-making.done:
		return making.connection, making.err
	case <-ctx.Done():
		return nil, explainEnd(ctx, h.target.Address, "connecting", began, context.Cause(ctx))
	}
}

// connect is the attempt itself.
func (p *Pool) connect(ctx context.Context, h *host, making *attempt) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	p.running.Go(func() {
		select {
		case <-p.closing:
			cancel(ErrPoolClosed)
		case <-ctx.Done():
		}
	})
	making.connection, making.err = p.dial(ctx, h.target)

	p.mu.Lock()
	defer p.mu.Unlock()
	h.making = nil
	if making.err == nil {
		h.connection = making.connection
	}
	if p.closed && h.connection != nil {
		h.connection.end(ErrPoolClosed)
	}
	close(making.done)
	p.rest(h) // All who waited may have given up.
}
