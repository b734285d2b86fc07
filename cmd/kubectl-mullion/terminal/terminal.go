// Package terminal tells whether a person is reading, and writes in colour and with moving progress only then.
package terminal

import (
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// Is tells whether what is written goes to a terminal that understands escape sequences.
func Is(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(file.Fd()))
}

// Style is how text looks on a terminal with colour, as an ANSI "select graphic rendition" parameter.
type Style string

// Styles.
const (
	Bold   Style = "1"
	Dim    Style = "2"
	Red    Style = "31"
	Green  Style = "32"
	Yellow Style = "33"
)

// Palette paints text. The zero value leaves it plain.
type Palette struct{ colour bool }

// PaletteFor has colours if the output is a terminal and NO_COLOR is not set; see https://no-color.org.
func PaletteFor(out io.Writer) Palette {
	return Palette{colour: Is(out) && os.Getenv("NO_COLOR") == ""}
}

// Colours is a palette that has them, whatever the output.
func Colours() Palette { return Palette{colour: true} }

// Paint is the text in a style, where there are colours. Line feeds at its end stay outside of the style.
func (p Palette) Paint(style Style, text string) string {
	body := strings.TrimRight(text, "\n")
	if !p.colour || style == "" || body == "" {
		return text
	}
	return "\x1b[" + string(style) + "m" + body + "\x1b[0m" + text[len(body):]
}
