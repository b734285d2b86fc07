package registry

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// format writes a key as a section of a file.
func format(key string, values Values) (string, error) {
	var section strings.Builder
	fmt.Fprintf(&section, "\n[%s]\n", escape(key))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&section, `"%s"=`, escape(name))
		switch value := values[name].(type) {
		case string:
			fmt.Fprintf(&section, `"%s"`, escape(value))
		case uint32:
			fmt.Fprintf(&section, "dword:%08x", value)
		case []string:
			fmt.Fprintf(&section, `str(7):"%s\000"`, escape(strings.Join(value, "\x00")))
		default:
			return "", fmt.Errorf("value %s is a %T", name, value)
		}
		section.WriteString("\n")
	}
	return section.String(), nil
}

// escape writes what is not printable ASCII as Wine does.
func escape(text string) string {
	var escaped strings.Builder
	for _, r := range text {
		switch {
		case r == '\\' || r == '"' || r == '[' || r == ']':
			escaped.WriteByte('\\')
			escaped.WriteRune(r)
		case r == 0:
			escaped.WriteString(`\000`) // In full, since a digit may follow.
		case r < ' ' || r > '~':
			for _, unit := range utf16Of(r) {
				fmt.Fprintf(&escaped, `\x%04x`, unit)
			}
		default:
			escaped.WriteRune(r)
		}
	}
	return escaped.String()
}
