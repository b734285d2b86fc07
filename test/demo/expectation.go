package demo

import (
	"fmt"
	"strings"
)

// verdict is what became of a workload, in a word.
type verdict string

const (
	// placed: it was given a build, and bound to nodes of it.
	placed verdict = "placed"
	// warned: it was admitted, and its author told something.
	warned verdict = "warned"
	// refused: it was not admitted.
	refused verdict = "refused"
	// untouched: it was admitted as it is.
	untouched verdict = "untouched"
)

// expectation is what has to become of a workload.
type expectation struct {
	Workload string  `json:"workload"`
	Verdict  verdict `json:"verdict"`
	// Build of the nodes that the pods are bound to. Empty does not ask.
	Build string `json:"build,omitempty"`
	// Pods is how many pods are bound; 0 means one, or none where the workload is refused.
	Pods int `json:"pods,omitempty"`
	// Says is a part of what the author is told.
	Says string `json:"says,omitempty"`
}

// check returns how the outcome differs from what was expected, or nothing.
func (e expectation) check(o outcome) []string {
	var differences []string
	differ := func(format string, args ...any) { differences = append(differences, fmt.Sprintf(format, args...)) }
	if o.verdict != e.Verdict {
		differ("it was %s, not %s", o.verdict, e.Verdict)
	}
	if builds := strings.Join(o.builds, ", "); e.Build != "" && builds != e.Build {
		differ("it is on build %q, not %s", builds, e.Build)
	}
	if o.bound != e.pods() {
		differ("%d of its pods are bound, not %d", o.bound, e.pods())
	}
	if text := strings.Join(o.texts, "\n"); !strings.Contains(text, e.Says) {
		differ("what was said, %q, is not about %q", text, e.Says)
	}
	return differences
}

func (e expectation) pods() int {
	if e.Verdict == refused {
		return 0
	}
	return max(e.Pods, 1)
}
