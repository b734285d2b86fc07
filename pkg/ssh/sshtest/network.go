package sshtest

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// network is what lies between a server and its clients.
type network struct {
	rate    atomic.Int64 // in bytes per second, 0 for as many as there are
	carried atomic.Int64 // in bytes, in both directions

	mu      sync.Mutex
	plugged chan struct{} // closed while the cable is in
}

func newNetwork() *network {
	n := &network{plugged: make(chan struct{})}
	close(n.plugged)
	return n
}

func (n *network) unplug() {
	n.mu.Lock()
	defer n.mu.Unlock()
	select {
	case <-n.plugged:
		n.plugged = make(chan struct{})
	default:
	}
}

func (n *network) plug() {
	n.mu.Lock()
	defer n.mu.Unlock()
	select {
	case <-n.plugged:
	default:
		close(n.plugged)
	}
}

func (n *network) passable() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.plugged
}

// link is one connection through the network.
type link struct {
	net.Conn
	network *network
	once    sync.Once
	closed  chan struct{}
}

// pass waits until so many bytes are through.
func (l *link) pass(bytes int) {
	select {
	case <-l.network.passable():
	case <-l.closed:
	}
	rate := l.network.rate.Load()
	if rate == 0 {
		return
	}
	underway := time.NewTimer(time.Duration(bytes) * time.Second / time.Duration(rate))
	defer underway.Stop()
	select {
	case <-underway.C:
	case <-l.closed:
	}
}

// Read lets what has come pass only then, so that what was under way when the cable was pulled does not arrive.
func (l *link) Read(buffer []byte) (int, error) {
	n, err := l.Conn.Read(buffer)
	l.network.carried.Add(int64(n))
	l.pass(n)
	return n, err
}

func (l *link) Write(data []byte) (int, error) {
	l.pass(len(data))
	n, err := l.Conn.Write(data)
	l.network.carried.Add(int64(n))
	return n, err
}

func (l *link) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Conn.Close()
}
