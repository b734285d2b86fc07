package merge

import (
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// List is the value of a variable that has entries, such as PATH. It keeps what it does not change as it is, the
// empty entries of others included.
type List struct {
	Separator string
	entries   []string
}

// SplitList cuts a value at its separators.
func SplitList(value, separator string) List {
	if value == "" {
		return List{Separator: separator}
	}
	return List{Separator: separator, entries: strings.Split(value, separator)}
}

// String is the value again.
func (l List) String() string { return strings.Join(l.entries, l.Separator) }

// Missing are the entries of want that are not there.
func (l List) Missing(want []string) []string {
	var missing []string
	for _, entry := range want {
		if !slices.ContainsFunc(l.entries, sameAs(entry)) {
			missing = append(missing, entry)
		}
	}
	return missing
}

// Add appends entries. An empty last entry, which a separator at the end leaves, is filled.
func (l List) Add(entries []string) List {
	l.entries = slices.Clone(l.entries)
	if last := len(l.entries) - 1; last >= 0 && len(entries) > 0 && l.entries[last] == "" {
		l.entries = l.entries[:last]
	}
	l.entries = append(l.entries, entries...)
	return l
}

// Remove takes out the entries.
func (l List) Remove(entries []string) List {
	l.entries = slices.DeleteFunc(slices.Clone(l.entries), func(entry string) bool {
		return slices.ContainsFunc(entries, sameAs(entry))
	})
	return l
}

// sameAs compares as Windows does when it looks for programs: neither case, nor spaces around, nor a backslash at
// the end of a directory matter.
func sameAs(entry string) func(string) bool {
	key := entryKey(entry)
	return func(other string) bool { return entryKey(other) == key }
}

func entryKey(entry string) string {
	return strings.TrimRight(winpath.Fold(strings.TrimSpace(entry)), `\`)
}
