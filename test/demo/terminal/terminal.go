// Package terminal writes for a person: in colour and with moving progress on a terminal, in plain lines
// anywhere else. It needs the standard library and x/sys only, so that a program that uses it is built in
// seconds.
package terminal

import (
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	// plainWidth is the width, in characters, of text that does not go to a terminal.
	plainWidth = 100
	// maxWidth keeps lines readable on wide terminals.
	maxWidth = 110
)

// Terminal is where a person reads. Its methods are for one goroutine.
type Terminal struct {
	out    io.Writer
	width  int
	moving bool // Lines may be rewritten.
	colour bool
}

// New returns a terminal for a file, and plain text for any other writer or where the file is no terminal.
// Colour is left out where NO_COLOR is set, see https://no-color.org, or TERM is dumb.
func New(out io.Writer) *Terminal {
	plain := &Terminal{out: out, width: plainWidth}
	file, ok := out.(*os.File)
	if !ok {
		return plain
	}
	size, err := unix.IoctlGetWinsize(int(file.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return plain
	}
	width := plainWidth
	if size.Col > 0 {
		width = min(int(size.Col), maxWidth)
	}
	dumb := os.Getenv("TERM") == "dumb"
	return &Terminal{out: out, width: width, moving: !dumb, colour: !dumb && os.Getenv("NO_COLOR") == ""}
}

// Width is how many characters fit into a line.
func (t *Terminal) Width() int { return t.width }

// Write writes text as it is. An error is of no interest to the program: nobody reads any more.
func (t *Terminal) Write(b []byte) (int, error) { return t.out.Write(b) }

// Print writes text as it is.
func (t *Terminal) Print(text string) { _, _ = io.WriteString(t.out, text) }

// Style is how text looks on a terminal with colour, as an ANSI "select graphic rendition" parameter.
type Style string

// Styles.
const (
	Plain  Style = ""
	Bold   Style = "1"
	Dim    Style = "2"
	Red    Style = "31"
	Green  Style = "32"
	Yellow Style = "33"
)

// Paint is the text in a style, where there is colour. A line feed at its end stays outside of the style.
func (t *Terminal) Paint(style Style, text string) string {
	body := strings.TrimSuffix(text, "\n")
	if !t.colour || style == Plain || body == "" {
		return text
	}
	return "\x1b[" + string(style) + "m" + body + "\x1b[0m" + text[len(body):]
}
