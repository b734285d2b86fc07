package demo

import (
	"strings"

	"github.com/mullion-dev/mullion/test/demo/terminal"
)

// roomy is the width, in characters, from which on the table has room for the names of releases.
const roomy = 100

// quoted stands before each line of what Mullion said.
const quoted = "    │ "

// renderTable shows what became of the workloads. Releases are the names of builds.
func renderTable(term *terminal.Terminal, outcomes []outcome, releases map[string]string) string {
	rows := make([][]terminal.Cell, 0, len(outcomes))
	for _, o := range outcomes {
		nodes := terminal.Cell{Text: strings.Join(o.nodes, ", ")}
		if o.waiting != "" {
			nodes = terminal.Cell{Text: strings.Join(append(o.nodes, "(waiting)"), ", "), Style: terminal.Red}
		}
		rows = append(rows, []terminal.Cell{
			{Text: o.workload, Style: terminal.Bold},
			{Text: o.verdict.symbol() + " " + string(o.verdict), Style: o.verdict.style()},
			{Text: describeBuilds(o.builds, releases, term.Width() >= roomy)},
			{Text: strings.Join(o.classes, ", ")},
			nodes,
		})
	}
	return term.Table([]string{"WORKLOAD", "VERDICT", "BUILD", "RUNTIMECLASS", "NODE"}, rows)
}

// renderTexts shows what the authors of the workloads were told.
func renderTexts(term *terminal.Terminal, outcomes []outcome) string {
	var texts strings.Builder
	for _, o := range outcomes {
		if o.waiting != "" {
			o.texts = append(o.texts, "The scheduler says: "+o.waiting)
		}
		if len(o.texts) == 0 {
			continue
		}
		texts.WriteString("\n  " + term.Paint(o.verdict.style(), o.verdict.symbol()) + " " + term.Paint(terminal.Bold, o.workload) + "\n")
		texts.WriteString(term.Paint(terminal.Dim, terminal.Wrap(o.idea, term.Width(), "    ")))
		for _, text := range o.texts {
			texts.WriteString(terminal.Wrap(text, term.Width(), quoted))
		}
	}
	return texts.String()
}

// describeBuilds names builds by their numbers, the parts of which that never change left out, and where there
// is room by their releases.
func describeBuilds(builds []string, releases map[string]string, room bool) string {
	described := make([]string, len(builds))
	for i, build := range builds {
		described[i] = strings.TrimPrefix(build, "10.0.")
		if release := releases[build]; release != "" && room && len(builds) == 1 {
			described[i] += " " + release
		}
	}
	return strings.Join(described, ", ")
}

func (v verdict) symbol() string {
	switch v {
	case placed:
		return "✓"
	case warned:
		return "!"
	case refused:
		return "✗"
	default:
		return "·"
	}
}

func (v verdict) style() terminal.Style {
	switch v {
	case placed:
		return terminal.Green
	case warned:
		return terminal.Yellow
	case refused:
		return terminal.Red
	default:
		return terminal.Dim
	}
}
