package ssh

import (
	"errors"
	"net"
	"sync/atomic"
	"time"
)

// wire is what a connection is made over, and knows what went through.
type wire struct {
	net.Conn
	sent, received atomic.Int64
	start          time.Time
	heard          atomic.Int64 // when something arrived last, in nanoseconds after start
	broken         atomic.Pointer[error]
}

func newWire(connection net.Conn) *wire { return &wire{Conn: connection, start: time.Now()} }

func (w *wire) Read(buffer []byte) (int, error) {
	n, err := w.Conn.Read(buffer)
	if n > 0 {
		w.received.Add(int64(n))
		w.heard.Store(int64(time.Since(w.start)))
	}
	if err != nil && !errors.Is(err, net.ErrClosed) {
		w.broken.CompareAndSwap(nil, &err)
	}
	return n, err
}

func (w *wire) Write(data []byte) (int, error) {
	n, err := w.Conn.Write(data)
	w.sent.Add(int64(n))
	return n, err
}

// silence is for how long nothing has arrived.
func (w *wire) silence() time.Duration { return time.Since(w.start) - time.Duration(w.heard.Load()) }

// err is how reading ended, unless it was closed on this side. It is nil as long as reading goes on.
func (w *wire) err() error {
	if err := w.broken.Load(); err != nil {
		return *err
	}
	return nil
}

// Traffic is what went over the wire, in bytes, with everything that encryption and the protocol add. TCP's and IP's
// own headers are not counted.
type Traffic struct{ Sent, Received int64 }

func (w *wire) traffic() Traffic { return Traffic{Sent: w.sent.Load(), Received: w.received.Load()} }
