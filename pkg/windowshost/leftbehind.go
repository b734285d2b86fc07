package windowshost

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
)

// maxLeftBehind is how many notes become events: a host says as many as it likes.
const maxLeftBehind = 8

// leftBehind is what a host that is given back keeps of what was done to it. Nobody looks after that any more, and the
// WindowsHost that could tell goes as well: its events stay for a while.
type leftBehind struct {
	notes []string
	more  int
}

func (l *leftBehind) add(note string) {
	if len(l.notes) == maxLeftBehind {
		l.more++
		return
	}
	l.notes = append(l.notes, shortened(note, maxMessage))
}

func (l *leftBehind) tell(p *pass) {
	for _, note := range l.notes {
		p.event(p.host, corev1.EventTypeNormal, v1alpha1.ReasonLeftBehind, note)
	}
	if l.more > 0 {
		p.event(p.host, corev1.EventTypeNormal, v1alpha1.ReasonLeftBehind, fmt.Sprintf("There are %d more notes on what stays.", l.more))
	}
}

// eachNote tells the notes in what the agent says while it works.
func eachNote(progress *protocol.Progress, note func(string)) {
	if progress.Note != "" {
		note(progress.Note)
	}
	if progress.Plan != nil {
		for _, n := range progress.Plan.Notes {
			note(n)
		}
	}
}
