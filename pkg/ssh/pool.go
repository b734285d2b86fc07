package ssh

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"
)

// Pool has one connection for each target, made when it is needed and kept for a while. Its methods are safe for
// concurrent use.
type Pool struct {
	options Options
	// slots bound how many calls of Do there are at once.
	slots chan struct{}
	// closing is closed by Close, and running is what Close waits for.
	closing chan struct{}
	running sync.WaitGroup

	mu     sync.Mutex
	closed bool
	hosts  map[string]*host
}

// NewPool makes a pool that has no connections yet. Close it when it is not needed any more.
func NewPool(options Options) *Pool {
	options = options.withDefaults()
	return &Pool{
		options: options,
		slots:   make(chan struct{}, options.Concurrency),
		closing: make(chan struct{}),
		hosts:   map[string]*host{},
	}
}

// Do calls a function with a connection to the target, which it must not keep. It waits for its turn, first among the
// calls for the same target and then among all, so that those who queue for one host hold up nobody else. It does not
// try again: an error of connecting is returned as it is, as is that of the function.
func (p *Pool) Do(ctx context.Context, target *Target, work func(context.Context, *Conn) error) error {
	h, err := p.enter(target)
	if err != nil {
		return err
	}
	defer p.leave(h)
	for _, slots := range []chan struct{}{h.slots, p.slots} {
		if err := p.acquire(ctx, h, slots); err != nil {
			return err
		}
		defer func() { <-slots }()
	}
	connection, err := p.connection(ctx, h)
	if err != nil {
		return err
	}
	return work(ctx, connection)
}

// acquire waits for a turn.
func (p *Pool) acquire(ctx context.Context, h *host, slots chan struct{}) error {
	began := time.Now()
	select {
	case slots <- struct{}{}:
		return nil
	case <-p.closing:
		return ErrPoolClosed
	case <-ctx.Done():
		return explainEnd(ctx, h.target.Address, "waiting for other work to end", began, context.Cause(ctx))
	}
}

// Close ends all connections and everything that goes on over them, and returns when it has ended.
func (p *Pool) Close() {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		close(p.closing)
	}
	for _, h := range p.hosts {
		if h.connection != nil {
			h.connection.end(ErrPoolClosed)
		}
		h.expire(nil)
	}
	p.mu.Unlock()
	p.running.Wait()
}

// dial makes a connection, through that of the jump host if there is one, which is kept until this one has ended.
func (p *Pool) dial(ctx context.Context, target *Target) (*Conn, error) {
	if target.Jump == nil {
		return p.watched(ctx, target, new(net.Dialer).DialContext, func() {})
	}
	jump, err := p.enter(target.Jump)
	if err != nil {
		return nil, err
	}
	leave := func() { p.leave(jump) }
	through, err := p.connection(ctx, jump)
	if err != nil {
		leave()
		return nil, fmt.Errorf("going through a jump host: %w", err)
	}
	return p.watched(ctx, target, through.client.DialContext, leave)
}

// watched makes a connection and sees to what is to be done when it has ended.
func (p *Pool) watched(ctx context.Context, target *Target, through dialFunc, ended func()) (*Conn, error) {
	connection, err := dial(ctx, target, through, p.options)
	if err != nil {
		ended()
		return nil, err
	}
	p.running.Go(func() {
		<-connection.ended
		connection.close()
		ended()
	})
	return connection, nil
}
