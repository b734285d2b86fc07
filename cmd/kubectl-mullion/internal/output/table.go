package output

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"k8s.io/cli-runtime/pkg/printers"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/terminal"
)

// Table is rows under a heading, in columns as kubectl aligns them.
type Table struct {
	heading []string
	rows    [][]string
	styles  []terminal.Style
}

// NewTable makes a table with its heading.
func NewTable(heading ...string) *Table { return &Table{heading: heading} }

// Add adds a row in a style, which is the zero value for none.
func (t *Table) Add(style terminal.Style, cells ...string) {
	t.rows = append(t.rows, cells)
	t.styles = append(t.styles, style)
}

// Len is the number of rows.
func (t *Table) Len() int { return len(t.rows) }

// Write writes the table, each line after an indent. Rows are painted whole, after they have been aligned: an escape
// sequence has no width.
func (t *Table) Write(out io.Writer, palette terminal.Palette, indent string) error {
	var aligned bytes.Buffer
	writer := printers.GetNewTabWriter(&aligned)
	for _, row := range append([][]string{t.heading}, t.rows...) {
		fmt.Fprintln(writer, strings.Join(row, "\t"))
	}
	if err := writer.Flush(); err != nil {
		return fmt.Errorf("aligning a table: %w", err)
	}
	for i, line := range strings.Split(strings.TrimSuffix(aligned.String(), "\n"), "\n") {
		style := terminal.Style("")
		if i > 0 {
			style = t.styles[i-1]
		}
		if _, err := fmt.Fprintln(out, indent+palette.Paint(style, strings.TrimRight(line, " "))); err != nil {
			return fmt.Errorf("printing a table: %w", err)
		}
	}
	return nil
}
