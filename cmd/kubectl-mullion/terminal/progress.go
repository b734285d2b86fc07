package terminal

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// barWidth is the width of a progress bar, in characters.
const barWidth = 24

// Progress is one line that counts up while something takes its time. On anything but a terminal it writes
// nothing. It is safe for concurrent use.
type Progress struct {
	out   io.Writer
	what  string
	total int

	mu   sync.Mutex
	done int
}

// NewProgress makes the progress of a number of things to do, such as "images". Close ends it.
func NewProgress(out io.Writer, what string, total int) *Progress {
	p := &Progress{out: out, what: what, total: total}
	if !Is(out) || total == 0 {
		p.out = io.Discard
	}
	p.draw()
	return p
}

// Add counts things that are done.
func (p *Progress) Add(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = min(p.done+n, p.total)
	p.draw()
}

// draw writes the line over the one before. An error is of no interest: nobody reads any more.
func (p *Progress) draw() {
	filled := 0
	if p.total > 0 {
		filled = barWidth * p.done / p.total
	}
	bar := strings.Repeat("█", filled) + strings.Repeat("░", barWidth-filled)
	_, _ = fmt.Fprintf(p.out, "\r%s %d of %d %s\x1b[K", bar, p.done, p.total, p.what)
}

// Close takes the line away.
func (p *Progress) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = io.WriteString(p.out, "\r\x1b[K")
}
