package host

import (
	"fmt"
	"io"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/terminal"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/remote"
)

// progress tells what happens: on a terminal in one line that moves, elsewhere in a line for each thing that is done.
// It is used by one goroutine at a time.
type progress struct {
	out    io.Writer
	moving bool
	shown  bool
}

func newProgress(out io.Writer) *progress { return &progress{out: out, moving: terminal.Is(out)} }

// tell is remote.Agent.Progress.
func (p *progress) tell(event remote.Event) {
	switch {
	case event.Upload != nil:
		p.upload(event.Upload)
	case event.Progress.Action != nil:
		p.action(event.Progress)
	case event.Progress.Note != "":
		p.line(event.Progress.Note)
	}
}

// say tells something that is about to be done and may take a while.
func (p *progress) say(text string) {
	if p.moving {
		p.move(text)
		return
	}
	p.line(text)
}

func (p *progress) upload(upload *remote.Upload) {
	done := upload.Done >= upload.Size
	switch {
	case p.moving && upload.Size > 0:
		p.move(fmt.Sprintf("uploading %s: %d %% of %s", upload.What, 100*upload.Done/upload.Size, size(upload.Size)))
	case done && !p.moving:
		p.line(fmt.Sprintf("uploaded %s (%s)", upload.What, size(upload.Size)))
	}
}

func (p *progress) action(progress *protocol.Progress) {
	text := fmt.Sprintf("[%d of %d] %s %s", progress.Number, progress.Total, progress.Action.Verb, progress.Action.ID)
	switch {
	case p.moving:
		p.move(text)
	case progress.Done:
		p.line(text)
	}
}

// move replaces the line. An error is of no interest: nobody reads any more.
func (p *progress) move(text string) {
	p.shown = true
	_, _ = fmt.Fprintf(p.out, "\r%s\x1b[K", text)
}

// line writes a line that stays.
func (p *progress) line(text string) {
	p.close()
	_, _ = fmt.Fprintln(p.out, text)
}

// close takes the moving line away.
func (p *progress) close() {
	if p.shown {
		p.shown = false
		_, _ = io.WriteString(p.out, "\r\x1b[K")
	}
}

// size is a number of bytes for people.
func size(bytes int64) string {
	switch {
	case bytes >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
	case bytes >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	case bytes >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(bytes)/(1<<10))
	default:
		return fmt.Sprintf("%d bytes", bytes)
	}
}
