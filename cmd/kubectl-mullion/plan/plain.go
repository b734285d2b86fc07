package plan

import (
	"strings"
	"unicode"
)

// plain is a text on one line without what a terminal would obey: parts of a status are what a host has answered.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}
