package host

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/terminal"
	"github.com/mullion-dev/mullion/pkg/agent/plan"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// printPlan writes a plan as the agent's core writes it, in colours where there are some.
func printPlan(out io.Writer, format string, planned *state.Plan) error {
	if planned == nil {
		planned = &state.Plan{Schema: state.Schema}
	}
	if format != formatText {
		return printDocument(out, format, planned)
	}
	var text bytes.Buffer
	if err := plan.Print(&text, *planned); err != nil {
		return fmt.Errorf("printing the plan: %w", err)
	}
	palette := terminal.PaletteFor(out)
	for line := range strings.Lines(text.String()) {
		if _, err := io.WriteString(out, palette.Paint(styleOf(line), line)); err != nil {
			return fmt.Errorf("printing the plan: %w", err)
		}
	}
	return nil
}

// styleOf is how a line of a plan looks, by the sign that it begins with.
func styleOf(line string) terminal.Style {
	switch line[0] {
	case '+':
		return terminal.Green
	case '-', '!':
		return terminal.Red
	case '~':
		return terminal.Yellow
	case '#', '^':
		return terminal.Dim
	default:
		return ""
	}
}
