package lint

import (
	"encoding/json"
	"io"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/terminal"
	"github.com/mullion-dev/mullion/pkg/lint"
	"github.com/mullion-dev/mullion/pkg/version"
)

// Output formats.
const (
	formatText  = "text"
	formatJSON  = "json"
	formatJUnit = "junit"
	formatSARIF = "sarif"
)

func formats() []string { return []string{formatText, formatJSON, formatJUnit, formatSARIF} }

// print writes the report in the format that was asked for.
func (o *options) print(report *lint.Report) error {
	out := o.streams.Out
	switch o.format {
	case formatJSON:
		return printJSON(out, report)
	case formatJUnit:
		return printJUnit(out, report, lint.Severity(o.failOn))
	case formatSARIF:
		return printJSON(out, newSARIF(report, version.Get().Version))
	default:
		text := textPrinter{palette: terminal.PaletteFor(out), quiet: o.quiet}
		_, err := io.WriteString(out, text.report(report))
		return err
	}
}

// printJSON writes a value as a person would read it, without escaping what only browsers would misread.
func printJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
