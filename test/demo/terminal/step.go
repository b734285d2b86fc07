package terminal

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
)

const (
	// frameInterval is how often a moving line is drawn again.
	frameInterval = 100 * time.Millisecond
	// hintDelay is how long a step may take before it is explained.
	hintDelay = 3 * time.Second
)

// Step is something that takes a while.
type Step struct {
	// Doing says what is being done, such as "Building Kubernetes".
	Doing string
	// Hint is shown when it takes longer than a few seconds: why, and how long it will.
	Hint string
	// Repeated is the beginning of lines of detail that says no more than Doing, and is left out.
	Repeated string
}

// Do does a step and shows that it is being done, for how long, and how it ended. What do returns is told in
// place of Doing when it is done. What it writes to detail, line by line, is shown as how far it is.
func (t *Terminal) Do(ctx context.Context, step Step, do func(ctx context.Context, detail *Detail) (done string, err error)) error {
	started := time.Now()
	detail := &Detail{repeated: step.Repeated}
	if !t.moving {
		detail.lines = make(chan string)
	}
	ended := make(chan struct{})
	var shown sync.WaitGroup
	shown.Go(func() { t.show(step, detail, started, ended) })
	done, err := do(ctx, detail)
	close(ended)
	shown.Wait()

	if err != nil {
		t.Print("  " + t.Paint(Red, "✗ "+step.Doing) + "\n")
		return err
	}
	t.Print(fmt.Sprintf("  %s %s  %s\n", t.Paint(Green, "✓"), done, t.Paint(Dim, elapsed(time.Since(started)))))
	return nil
}

// show draws until the step has ended.
func (t *Terminal) show(step Step, detail *Detail, started time.Time, ended <-chan struct{}) {
	ticker := time.NewTicker(frameInterval)
	defer ticker.Stop()
	frames := []rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")
	hinted, headed := false, t.moving
	head := func() { // In plain text, what is being done is said once it takes a while or there is something to tell of it.
		if !headed {
			headed = true
			t.Print("  … " + step.Doing + "\n")
		}
	}
	for frame := 0; ; frame++ {
		if !hinted && time.Since(started) >= hintDelay {
			hinted = true
			t.clear()
			head()
			t.Print(t.Paint(Dim, Wrap(step.Hint, t.width, "    ")))
		}
		if t.moving {
			t.draw(string(frames[frame%len(frames)]), step.Doing, started, detail.last())
		}
		select {
		case line := <-detail.lines:
			head()
			t.Print("    " + line + "\n")
		case <-ticker.C:
		case <-ended:
			t.clear()
			return
		}
	}
}

// draw writes the moving line, cut to the width: one that wraps cannot be rewritten.
func (t *Terminal) draw(frame, doing string, started time.Time, detail string) {
	line := "  " + frame + " " + doing + "  " + clock(time.Since(started))
	if detail != "" {
		line += "  " + detail
	}
	if runes := []rune(line); len(runes) >= t.width {
		line = string(runes[:t.width-1])
	}
	t.Print("\r\x1b[2K" + line)
}

// clear removes the moving line.
func (t *Terminal) clear() {
	if t.moving {
		t.Print("\r\x1b[2K")
	}
}

// Detail receives how far a step is. It may be written to concurrently.
type Detail struct {
	repeated string
	lines    chan string // Of plain text; nil on a terminal, where only the last line counts.

	mu      sync.Mutex
	current string
}

// Write takes whole lines.
func (d *Detail) Write(b []byte) (int, error) {
	for line := range strings.Lines(string(b)) {
		line = strings.TrimPrefix(strings.TrimRight(line, "\n"), d.repeated)
		d.mu.Lock()
		d.current = line
		d.mu.Unlock()
		if d.lines != nil {
			d.lines <- line
		}
	}
	return len(b), nil
}

func (d *Detail) last() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.current
}

// clock is a duration as a running clock shows it, such as 1:07.
func clock(d time.Duration) string {
	seconds := int(d.Seconds())
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

// elapsed is how long something took, such as 0.3s or 7m41s.
func elapsed(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}
