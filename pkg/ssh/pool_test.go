package ssh

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/pkg/ssh/sshtest"
)

func TestOneConnectionIsSharedByAllWhoNeedAHost(t *testing.T) {
	s := start(t, exits(0))
	pool := newPool(t, Options{})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := run(t, pool, s.target, program("facts")); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := s.Accepted(); got != 1 {
		t.Errorf("%d connections were made", got)
	}
}

func TestABrokenConnectionIsReplaced(t *testing.T) {
	s := start(t, exits(0))
	pool := newPool(t, Options{})
	for range 3 {
		if err := run(t, pool, s.target, program("facts")); err != nil {
			t.Fatal(err)
		}
		s.Cut()
		eventually(t, "the connection to end", func() bool { return pool.connections() == 0 })
	}
	if got := s.Accepted(); got != 3 {
		t.Errorf("%d connections were made", got)
	}
}

// connections are those that are known not to have ended.
func (p *Pool) connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	alive := 0
	for _, h := range p.hosts {
		if h.connection != nil && h.connection.alive() {
			alive++
		}
	}
	return alive
}

func (p *Pool) size() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.hosts)
}

func TestAConnectionThatNobodyUsesIsClosed(t *testing.T) {
	s := start(t, exits(0))
	pool := newPool(t, Options{Idle: 50 * time.Millisecond})
	if err := run(t, pool, s.target, program("facts")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the connection to be closed", func() bool { return s.Open() == 0 && pool.size() == 0 })
	if err := run(t, pool, s.target, program("facts")); err != nil {
		t.Errorf("and is not made again: %v", err)
	}
}

func TestAConnectionThatIsUsedIsNotIdle(t *testing.T) {
	s := start(t, nil)
	pool := newPool(t, Options{Idle: time.Millisecond})
	err := pool.Do(t.Context(), s.target, func(ctx context.Context, c *Conn) error {
		for range 5 {
			// Others come and go.
			if err := pool.Do(ctx, s.target, func(context.Context, *Conn) error { return wait(ctx, 5*time.Millisecond) }); err != nil {
				return err
			}
		}
		if !c.alive() {
			t.Error("it was closed")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestAHostThatFailedLeavesNothingInThePool(t *testing.T) {
	s := start(t, nil)
	s.Close()
	pool := newPool(t, Options{})
	expect[*UnreachableError](t, reach(t, pool, s.target))
	eventually(t, "the host to be forgotten", func() bool { return pool.size() == 0 })
}

func TestConcurrencyIsBounded(t *testing.T) {
	for sentence, test := range map[string]struct {
		options      Options
		hosts, bound int32
	}{
		"for each host": {Options{HostConcurrency: 2}, 1, 2},
		"for all hosts": {Options{Concurrency: 3}, 4, 3},
	} {
		t.Run(sentence, func(t *testing.T) {
			var now, most atomic.Int32
			enough := make(chan struct{})
			var once sync.Once
			command := func(config *sshtest.Config) {
				config.Command = func(ctx context.Context, _ *sshtest.Process) int {
					running := now.Add(1)
					defer now.Add(-1)
					for seen := most.Load(); running > seen; seen = most.Load() {
						if most.CompareAndSwap(seen, running) {
							break
						}
					}
					if running >= test.bound {
						once.Do(func() { close(enough) })
					}
					select {
					case <-enough: // As many as may be are running at once.
						return 0
					case <-ctx.Done():
						return 1
					}
				}
			}
			var servers []*server
			for range test.hosts {
				servers = append(servers, start(t, command))
			}
			pool := newPool(t, test.options)
			var all sync.WaitGroup
			for _, s := range servers {
				for range 5 {
					all.Go(func() {
						if err := run(t, pool, s.target, program("facts")); err != nil {
							t.Error(err)
						}
					})
				}
			}
			all.Wait()
			if got := most.Load(); got != test.bound {
				t.Errorf("want %d at once, got %d", test.bound, got)
			}
		})
	}
}

func TestASlowHostHoldsUpNoOther(t *testing.T) {
	started := make(chan struct{}, 100)
	slow, quick := start(t, hangs(started)), start(t, exits(0))
	pool := newPool(t, Options{Concurrency: 5, HostConcurrency: 4})
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 50 { // More than there are places for, in all.
		all.Go(func() {
			_ = pool.Do(ctx, slow.target, func(ctx context.Context, c *Conn) error { return c.Run(ctx, program("apply")) })
		})
	}
	for range 4 {
		<-started
	}
	for range 10 {
		if err := run(t, pool, quick.target, program("facts")); err != nil {
			t.Error(err)
		}
	}
	cancel()
	all.Wait()
}

func TestWhoWaitsForATurnNeedNotWaitForEver(t *testing.T) {
	started := make(chan struct{}, 1)
	s := start(t, hangs(started))
	pool := newPool(t, Options{HostConcurrency: 1})
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan struct{})
	go func() {
		defer close(first)
		_ = pool.Do(ctx, s.target, func(ctx context.Context, c *Conn) error { return c.Run(ctx, program("apply")) })
	}()
	<-started
	short, cancelShort := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancelShort()
	err := pool.Do(short, s.target, func(context.Context, *Conn) error { return nil })
	if as[*TimeoutError](t, err).Doing != "waiting for other work to end" {
		t.Errorf("got %v", err)
	}
	cancel()
	<-first
}

func TestAnAttemptToConnectIsSharedAndOutlivesWhoCameFirst(t *testing.T) {
	s := start(t, exits(0))
	s.Unplug()
	defer s.Plug()
	pool := newPool(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	first, second := make(chan error, 1), make(chan error, 1)
	go func() { first <- pool.Do(ctx, s.target, func(context.Context, *Conn) error { return nil }) }()
	eventually(t, "a connection", func() bool { return s.Accepted() == 1 })
	go func() { second <- pool.Do(t.Context(), s.target, func(context.Context, *Conn) error { return nil }) }()
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	s.Plug()
	if err := <-second; err != nil {
		t.Error(err)
	}
	if got := s.Accepted(); got != 1 {
		t.Errorf("%d connections were made", got)
	}
}

func TestCloseEndsEverything(t *testing.T) {
	started := make(chan struct{}, 1)
	s, unplugged := start(t, hangs(started)), start(t, nil)
	unplugged.Unplug()
	defer unplugged.Plug()
	pool := newPool(t, Options{})
	ended := make(chan error, 2)
	go func() { ended <- run(t, pool, s.target, program("apply")) }()
	go func() { ended <- reach(t, pool, unplugged.target) }()
	<-started
	eventually(t, "a connection", func() bool { return unplugged.Accepted() == 1 })
	pool.Close()
	for range 2 {
		if err := <-ended; !errors.Is(err, ErrPoolClosed) {
			t.Errorf("want the reason, got %v", err)
		}
	}
	if err := reach(t, pool, s.target); !errors.Is(err, ErrPoolClosed) {
		t.Errorf("got %v", err)
	}
	pool.Close() // Once more does no harm.
}

func TestFiftyHostsAreReachedAtOnce(t *testing.T) {
	key := newKey(t)
	var servers []*server
	for range 50 {
		s := start(t, func(config *sshtest.Config) {
			exits(0)(config)
			config.Authorized = []ssh.PublicKey{key.PublicKey()}
		})
		s.target.Keys = []ssh.Signer{key}
		servers = append(servers, s)
	}
	pool := newPool(t, Options{})
	file := newPayload(100_000)
	var all sync.WaitGroup
	for _, s := range servers {
		all.Go(func() {
			if err := run(t, pool, s.target, program("facts")); err != nil {
				t.Error(err)
			}
			if _, err := upload(t, pool, s.target, file.Upload); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, s := range servers {
		if s.Accepted() != 1 || len(s.names(t, "k")) != 1 {
			t.Errorf("%s: %d connections, %v", s.Address(), s.Accepted(), s.names(t, "k"))
		}
	}
}
