package terminal

import (
	"strings"
	"unicode/utf8"
)

// Cell is one field of a table.
type Cell struct {
	Text  string
	Style Style
}

// Table lays rows out in columns, each as wide as its widest cell, below a header.
func (t *Terminal) Table(header []string, rows [][]Cell) string {
	widths := make([]int, len(header))
	for i, title := range header {
		widths[i] = utf8.RuneCountInString(title)
	}
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell.Text))
		}
	}
	var table strings.Builder
	titles := make([]Cell, len(header))
	for i, title := range header {
		titles[i] = Cell{title, Dim}
	}
	for _, row := range append([][]Cell{titles}, rows...) {
		table.WriteString(t.line(row, widths))
	}
	return table.String()
}

// line pads before it paints: what a style is written with takes no room.
func (t *Terminal) line(row []Cell, widths []int) string {
	var line strings.Builder
	blanks := 0 // Written before the next text only, so that no line ends in them.
	for i, cell := range row {
		length := utf8.RuneCountInString(cell.Text)
		if length > 0 {
			line.WriteString(strings.Repeat(" ", blanks+2))
			line.WriteString(t.Paint(cell.Style, cell.Text))
			blanks = widths[i] - length
		} else {
			blanks += widths[i] + 2
		}
	}
	return line.String() + "\n"
}
