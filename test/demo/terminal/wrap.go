package terminal

import (
	"strings"
	"unicode/utf8"
)

// Wrap breaks text at blanks into lines of at most width characters, each after an indent. A word that is
// longer than a line stays whole: it may be one to be copied.
func Wrap(text string, width int, indent string) string {
	var wrapped strings.Builder
	used := 0
	for _, word := range strings.Fields(text) {
		length := utf8.RuneCountInString(word)
		switch {
		case used == 0:
			wrapped.WriteString(indent)
			used = utf8.RuneCountInString(indent)
		case used+1+length > width:
			wrapped.WriteString("\n" + indent)
			used = utf8.RuneCountInString(indent)
		default:
			wrapped.WriteByte(' ')
			used++
		}
		wrapped.WriteString(word)
		used += length
	}
	if used > 0 {
		wrapped.WriteByte('\n')
	}
	return wrapped.String()
}
