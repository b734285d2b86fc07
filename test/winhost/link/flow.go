package link

import (
	"net"
	"sync"
	"time"
)

const (
	// chunkSize is what is forwarded at once: small enough that a slow link is smooth.
	chunkSize = 16 << 10
	// inFlight is how many chunks travel at the same time, which only a link with latency makes use of.
	inFlight = 64
)

// flow is one connection of a client, and ours to the server.
type flow struct {
	link   *Link
	client net.Conn

	mu     sync.Mutex
	server net.Conn
	done   chan struct{} // Closed when the connection is over.
	over   bool
}

type chunk struct {
	bytes   []byte
	arrival time.Time
}

func newFlow(l *Link, client net.Conn) *flow {
	return &flow{link: l, client: client, done: make(chan struct{})}
}

func (f *flow) run() {
	defer f.reset()
	if !f.link.whenPlugged(f.done) {
		return
	}
	server, err := f.link.dial(f.link.ctx)
	if err != nil {
		return
	}
	if !f.connected(server) {
		_ = server.Close() // Nothing was sent.
		return
	}
	var pumps sync.WaitGroup
	pumps.Go(func() { f.pump(server, f.client, &f.link.up) })
	pumps.Go(func() { f.pump(f.client, server, &f.link.down) })
	pumps.Wait()
}

// connected keeps the server's connection, unless the flow has ended meanwhile.
func (f *flow) connected(server net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.server = server
	return !f.over
}

// reset ends both connections without the courtesy of a last packet.
func (f *flow) reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over {
		return
	}
	f.over = true
	close(f.done)
	for _, connection := range []net.Conn{f.client, f.server} {
		if tcp, ok := connection.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // Without it, the connection ends more politely.
			_ = tcp.Close()      // It is no longer needed.
		}
	}
}

// pump carries bytes in one direction until the sender has no more.
func (f *flow) pump(to, from net.Conn, lane *lane) {
	chunks := make(chan chunk, inFlight)
	var reader sync.WaitGroup
	reader.Go(func() {
		defer close(chunks)
		f.read(from, lane, chunks)
	})
	f.deliver(to, chunks)
	reader.Wait()
}

func (f *flow) read(from net.Conn, lane *lane, chunks chan<- chunk) {
	for {
		bytes := make([]byte, chunkSize)
		n, err := from.Read(bytes)
		if n > 0 {
			left, arrival := lane.send(time.Now(), n)
			select {
			case chunks <- chunk{bytes[:n], arrival}:
			case <-f.done:
				return
			}
			if !f.waitUntil(left) {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (f *flow) deliver(to net.Conn, chunks <-chan chunk) {
	for c := range chunks {
		if !f.waitUntil(c.arrival) || !f.link.whenPlugged(f.done) {
			return
		}
		if _, err := to.Write(c.bytes); err != nil {
			f.reset()
			return
		}
	}
	if f.link.whenPlugged(f.done) {
		_ = to.(*net.TCPConn).CloseWrite() // The other side may have gone first.
	}
}

// waitUntil is false when the flow ends first.
func (f *flow) waitUntil(t time.Time) bool {
	wait := time.Until(t)
	if wait <= 0 {
		return true
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-f.done:
		return false
	}
}
