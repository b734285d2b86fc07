package drain

import (
	"fmt"
	"strings"
	"time"
)

// maxNamed is how many of the pods that stay a message names.
const maxNamed = 3

// Progress is how far a node is drained.
type Progress struct {
	// Done tells that no pod is left that has to go.
	Done bool
	// TimedOut tells that the time is over and pods are left. Nothing was evicted.
	TimedOut bool
	// Left is the number of pods that have to go and are still there, whether or not they are on their way.
	Left int
	// Evicted is how many evictions this step asked for with success. The pods are left until they have ended.
	Evicted int
	// Blocked are the pods that stay, by namespace and name. Those that are on their way are not among them.
	Blocked []Blocker
	// RetryAfter is how long the API server wants to be left alone; zero where it did not say.
	RetryAfter time.Duration
}

// Message is the progress in a sentence without a full stop. It says the same from one step to the next while nothing
// changes.
func (p *Progress) Message() string {
	if p.Done {
		return "no pod is left that has to go"
	}
	var text strings.Builder
	if p.TimedOut {
		text.WriteString("the time for draining is over, and ")
	}
	if p.Left == 1 {
		text.WriteString("1 pod is left")
	} else {
		fmt.Fprintf(&text, "%d pods are left", p.Left)
	}
	for i := range p.Blocked {
		if i == maxNamed {
			fmt.Fprintf(&text, "; and %d more stay", len(p.Blocked)-maxNamed)
			break
		}
		text.WriteString("; " + p.Blocked[i].String())
	}
	return text.String()
}
