package install

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

const (
	// probeInterval is how often the balancer asks whether a replica is ready.
	probeInterval = 200 * time.Millisecond
	// dialTimeout is generous for loopback.
	dialTimeout = time.Second
)

// balancer does for replicas what a Service does: each connection is led to one of those that are ready, in
// turn. Connections stay with their replica until either side ends them.
type balancer struct {
	listener *net.TCPListener
	// address is where a replica serves what the balancer leads to.
	address  func(*Program) string
	replicas []*Program
	cancel   context.CancelFunc
	running  sync.WaitGroup

	mu    sync.Mutex
	ready map[*Program]bool
	turn  int
	open  map[net.Conn]struct{}
}

// startBalancer listens on a free port of 127.0.0.1. The replicas are set by serve.
func startBalancer(address func(*Program) string) (*balancer, error) {
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, fmt.Errorf("listening for the API server: %w", err)
	}
	return &balancer{listener: listener, address: address, ready: map[*Program]bool{}, open: map[net.Conn]struct{}{}}, nil
}

// port is the number of the port to call.
func (b *balancer) port() int { return b.listener.Addr().(*net.TCPAddr).Port }

// serve leads connections to the replicas until close.
func (b *balancer) serve(replicas []*Program) {
	ctx, cancel := context.WithCancel(context.Background())
	b.cancel, b.replicas = cancel, replicas
	for _, replica := range replicas {
		b.running.Go(func() { b.probe(ctx, replica) })
	}
	b.running.Go(func() {
		for {
			client, err := b.listener.AcceptTCP()
			if err != nil {
				return // Closed.
			}
			b.running.Go(func() { b.lead(ctx, client) })
		}
	})
}

func (b *balancer) probe(ctx context.Context, replica *Program) {
	ticker := time.NewTicker(probeInterval)
	defer ticker.Stop()
	for {
		ready := replica.Ready(ctx) == nil
		b.mu.Lock()
		b.ready[replica] = ready
		b.mu.Unlock()
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// lead carries one connection. A client for whom no replica is ready is refused, as by a Service.
func (b *balancer) lead(ctx context.Context, client *net.TCPConn) {
	if !b.enter(client) {
		return
	}
	defer b.leave(client)
	for _, replica := range b.candidates() {
		server, err := b.dial(ctx, replica)
		if err != nil {
			continue // Gone since it was asked.
		}
		if !b.enter(server) {
			return
		}
		defer b.leave(server)
		carry(client, server)
		return
	}
	_ = client.SetLinger(0) // Closing resets the connection: an end of file could be taken for an answer.
}

func (b *balancer) dial(ctx context.Context, replica *Program) (*net.TCPConn, error) {
	dialer := &net.Dialer{Timeout: dialTimeout}
	connection, err := dialer.DialContext(ctx, "tcp", b.address(replica))
	if err != nil {
		return nil, err
	}
	return connection.(*net.TCPConn), nil // What dialling "tcp" gives.
}

// candidates are the ready replicas, the one whose turn it is first.
func (b *balancer) candidates() []*Program {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn++
	var candidates []*Program
	for i := range b.replicas {
		replica := b.replicas[(b.turn+i)%len(b.replicas)]
		if b.ready[replica] && !replica.leaving.Load() {
			candidates = append(candidates, replica)
		}
	}
	return candidates
}

// carry copies in both directions until both have ended.
func carry(a, b *net.TCPConn) {
	var copies sync.WaitGroup
	for _, way := range [][2]*net.TCPConn{{a, b}, {b, a}} {
		copies.Go(func() {
			_, _ = io.Copy(way[0], way[1]) // Either side may break off: that is theirs to tell.
			_ = way[0].CloseWrite()
		})
	}
	copies.Wait()
}

// enter registers a connection so that close breaks it; after close it closes the connection itself.
func (b *balancer) enter(connection net.Conn) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open == nil {
		_ = connection.Close()
		return false
	}
	b.open[connection] = struct{}{}
	return true
}

func (b *balancer) leave(connection net.Conn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = connection.Close()
	delete(b.open, connection)
}

// close breaks all connections and returns when nothing of the balancer is running.
func (b *balancer) close() {
	_ = b.listener.Close()
	b.mu.Lock()
	for connection := range b.open {
		_ = connection.Close()
	}
	b.open = nil
	b.mu.Unlock()
	if b.cancel != nil {
		b.cancel()
	}
	b.running.Wait()
}
