package admission

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The API server's limits on the warnings of one request, in characters: if all together exceed the total, it
// cuts each to the second limit and drops, without a word, those that then still do not fit.
//
// Source: k8s.io/apiserver/pkg/endpoints/filters/warning.go.
const (
	maxWarningsTotal = 4096
	maxWarningCut    = 256
)

// fitWarnings makes warnings that the API server passes on as they are. Where they exceed its limits, it
// cuts them as the API server would, but says so. Control characters, for which the API server drops a
// warning, become blanks.
func fitWarnings(warnings []string) []string {
	if len(warnings) == 0 {
		return nil
	}
	fit := make([]string, 0, len(warnings))
	total := 0
	for _, warning := range warnings {
		if warning = printable(warning); warning != "" {
			fit = append(fit, warning)
			total += utf8.RuneCountInString(warning)
		}
	}
	if total <= maxWarningsTotal {
		return fit
	}

	total = 0
	for i, warning := range fit {
		fit[i] = cut(warning, maxWarningCut)
		total += utf8.RuneCountInString(fit[i])
		if total > maxWarningsTotal-maxWarningCut && i+1 < len(fit) {
			return append(fit[:i], fmt.Sprintf("%d more warnings are left out", len(fit)-i))
		}
	}
	return fit
}

// printable is the text as one line of valid UTF-8 without control characters.
func printable(text string) string {
	text = strings.ToValidUTF8(text, string(utf8.RuneError))
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	return strings.TrimSpace(text)
}

// cut shortens a text to at most limit characters, the last of which then is an ellipsis.
func cut(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return string([]rune(text)[:limit-1]) + "…"
}
