package app

import (
	"bytes"
	"io"
	"sync"
	"time"
)

// patientWriter never lets whoever writes wait. A connection that hangs would otherwise stop what is being done to the
// host, in the middle and under the lock, for as long as TCP takes to give up.
//
// It is safe for concurrent use.
type patientWriter struct {
	to      io.Writer
	written chan struct{}

	mu     sync.Mutex
	more   *sync.Cond
	queue  bytes.Buffer
	closed bool
}

// lastWords is how long the end of the output may take.
const lastWords = 30 * time.Second

func newPatientWriter(to io.Writer) *patientWriter {
	w := &patientWriter{to: to, written: make(chan struct{})}
	w.more = sync.NewCond(&w.mu)
	go w.run()
	return w
}

// Write queues. What is queued is a plan and two lines for each of its actions at most: it need not be bounded.
func (w *patientWriter) Write(data []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.more.Signal()
	return w.queue.Write(data)
}

func (w *patientWriter) run() {
	defer close(w.written)
	for {
		part, more := w.next()
		if len(part) > 0 {
			_, _ = w.to.Write(part) // Whoever has gone misses it.
		}
		if !more {
			return
		}
	}
}

// next waits for something to write; false tells that nothing comes after it.
func (w *patientWriter) next() ([]byte, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.queue.Len() == 0 && !w.closed {
		w.more.Wait()
	}
	part := bytes.Clone(w.queue.Bytes())
	w.queue.Reset()
	return part, !w.closed
}

// close returns when everything is written, or nobody reads. The process ends then, and the goroutine with it.
func (w *patientWriter) close() {
	w.mu.Lock()
	w.closed = true
	w.more.Signal()
	w.mu.Unlock()
	timer := time.NewTimer(lastWords)
	defer timer.Stop()
	select {
	case <-w.written:
	case <-timer.C:
	}
}
