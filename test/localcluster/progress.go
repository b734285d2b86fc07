package localcluster

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// progressInterval is how often a build says how far it is.
const progressInterval = 10 * time.Second

// progress turns what `go build -v` prints, a line for each module downloaded and each package compiled,
// into one line now and then. It keeps the last lines, where errors stand.
type progress struct {
	log     io.Writer
	started time.Time
	done    chan struct{}
	ended   sync.WaitGroup

	mu         sync.Mutex
	partial    []byte
	last       []string
	downloaded int
	compiled   int
}

func newProgress(log io.Writer) *progress {
	if log == nil {
		log = io.Discard
	}
	p := &progress{log: log, started: time.Now(), done: make(chan struct{})}
	p.ended.Go(p.report)
	return p
}

// Write takes the output of the go tool.
func (p *progress) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.partial = append(p.partial, b...)
	for {
		line, rest, found := bytes.Cut(p.partial, []byte{'\n'})
		if !found {
			return len(b), nil
		}
		p.count(string(line))
		p.partial = rest
	}
}

func (p *progress) count(line string) {
	const keep = 20
	p.last = append(p.last, line)
	p.last = p.last[max(0, len(p.last)-keep):]
	if strings.HasPrefix(line, "go: downloading ") {
		p.downloaded++
		return
	}
	p.compiled++
}

func (p *progress) report() {
	ticker := time.NewTicker(progressInterval)
	defer ticker.Stop()
	for {
		select {
		case <-p.done:
			return
		case <-ticker.C:
			p.mu.Lock()
			line := fmt.Sprintf("building the control plane: %d modules downloaded, %d packages compiled, %s\n",
				p.downloaded, p.compiled, time.Since(p.started).Round(time.Second))
			p.mu.Unlock()
			_, _ = io.WriteString(p.log, line) // Progress that nobody can read is no reason to stop.
		}
	}
}

func (p *progress) stop() {
	close(p.done)
	p.ended.Wait()
}

// tail returns the last lines that the go tool printed.
func (p *progress) tail() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(append(p.last, string(p.partial)), "\n")
}
