package redact

import (
	"regexp"
	"slices"
	"strings"
)

// word is what the names of fields that hold secrets end with, in lower case.
const word = `password|passwd|passphrase|pwd|secret|token|credentials?|auth|api[-_]?key|access[-_]?key|account[-_]?key|private[-_]?key|private[-_]?key[-_]?data|key[-_]?data`

// secretFiles are what the names of fields end with that have a whole file which is a secret, in lower case.
const secretFiles = `dockerconfigjson|dockercfg|kubeconfig|user[-_]?data`

// rule takes out one sort of secret.
type rule struct {
	// hints are in lower case. A text that has none of them has no match: finding that out is cheap.
	hints []string
	// looks is what it looks like.
	looks *regexp.Regexp
	// replace is what a match becomes; itself where it is none after all.
	replace func(match string, groups []string) string
}

// Redactor takes secrets out. It may be used concurrently.
type Redactor struct {
	// blocks are of several lines, and lines of one.
	blocks, lines []rule
	// sensitive are names of fields whose values are secrets, and files of those that have a whole file.
	sensitive, files *regexp.Regexp
}

// New makes a redactor.
func New() *Redactor {
	return &Redactor{
		blocks: blocks(), lines: lines(),
		sensitive: regexp.MustCompile(`(?i)(` + word + `)$`), files: regexp.MustCompile(`(?i)(` + secretFiles + `)$`),
	}
}

// Text is a text without what looks like a secret, and how many there were. It works on logs, YAML, JSON and prose.
func (r *Redactor) Text(text string) (string, int) {
	text, count := apply(r.blocks, text)
	var redacted strings.Builder
	redacted.Grow(len(text))
	for line := range strings.Lines(text) {
		line, more := apply(r.lines, line)
		redacted.WriteString(line)
		count += more
	}
	return redacted.String(), count
}

// apply applies rules in their order.
func apply(rules []rule, text string) (string, int) {
	count := 0
	lower := strings.ToLower(text)
	for i := range rules {
		r := &rules[i]
		if !slices.ContainsFunc(r.hints, func(hint string) bool { return strings.Contains(lower, hint) }) {
			continue
		}
		text = r.looks.ReplaceAllStringFunc(text, func(match string) string {
			replaced := r.replace(match, r.looks.FindStringSubmatch(match))
			if replaced != match {
				count++
			}
			return replaced
		})
	}
	return text, count
}
