package winpath

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
)

// Limits, in UTF-16 units, which is how Windows counts. A component is limited by NTFS. A path may be longer than
// MAX_PATH: whoever opens it uses the extended form. The limit here only keeps input bounded.
const (
	MaxComponent = 255
	MaxPath      = 1024
)

// Path is an absolute path on a drive, such as C:\k\kubelet.exe, with an upper-case drive letter, backslashes and no
// trailing backslash except that of a drive's root. The zero value is no path. Paths that differ only in case name
// the same file: compare with [Path.Equal] or by [Path.Key], never with ==.
type Path string

// Parse validates a path. Slashes are accepted for backslashes.
func Parse(text string) (Path, error) {
	if err := validate(text); err != nil {
		return "", fmt.Errorf("path %q: %w", text, err)
	}
	drive := strings.ToUpper(text[:1])
	components := split(text)
	return Path(drive + `:\` + strings.Join(components, `\`)), nil
}

// UnmarshalText is Parse; an empty text is no path.
func (p *Path) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*p = ""
		return nil
	}
	path, err := Parse(string(text))
	if err != nil {
		return err
	}
	*p = path
	return nil
}

// String is the path as Windows shows it.
func (p Path) String() string { return string(p) }

func validate(text string) error {
	switch {
	case text == "":
		return errors.New("is empty")
	case strings.HasPrefix(text, `\\`) || strings.HasPrefix(text, "//"):
		return errors.New("is a network or device path; a path on a local drive is needed")
	case len(text) < 3 || !isLetter(text[0]) || text[1] != ':' || !isSeparator(rune(text[2])):
		return errors.New(`is not absolute; it has to start with a drive, such as C:\`)
	case len(utf16.Encode([]rune(text))) > MaxPath:
		return fmt.Errorf("is longer than %d characters", MaxPath)
	}
	for _, component := range split(text) {
		if err := validateComponent(component); err != nil {
			return err
		}
	}
	return nil
}

func split(text string) []string {
	rest := strings.TrimRightFunc(text[3:], isSeparator)
	if rest == "" {
		return nil
	}
	return strings.Split(strings.ReplaceAll(rest, "/", `\`), `\`)
}

func validateComponent(name string) error {
	switch {
	case name == "":
		return errors.New("has an empty component")
	case name == "." || name == "..":
		return fmt.Errorf("has the component %q; write the path that is meant", name)
	case len(utf16.Encode([]rune(name))) > MaxComponent:
		return fmt.Errorf("has a component of more than %d characters", MaxComponent)
	case strings.HasSuffix(name, ".") || strings.HasSuffix(name, " "):
		return fmt.Errorf("has the component %q, of which Windows would drop the last character", name)
	case isReserved(name):
		return fmt.Errorf("has the component %q, which is the name of a device", name)
	}
	for _, r := range name {
		if r < ' ' || r == unicode.ReplacementChar || strings.ContainsRune(`<>:"|?*`, r) {
			return fmt.Errorf("has the character %q in component %q", r, name)
		}
	}
	return nil
}

// isReserved tells the names of DOS devices, which keep that meaning in every directory and with every extension.
func isReserved(name string) bool {
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	stem = strings.TrimRight(stem, " ")
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	number, isPort := strings.CutPrefix(stem, "COM")
	if !isPort {
		number, isPort = strings.CutPrefix(stem, "LPT")
	}
	runes := []rune(number)
	return isPort && len(runes) == 1 && strings.ContainsRune("0123456789¹²³", runes[0])
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isSeparator(r rune) bool { return r == '\\' || r == '/' }
