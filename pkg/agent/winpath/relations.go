package winpath

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Key is equal for paths of the same file, whatever their case. It is for maps and for sorting, not for showing.
func (p Path) Key() string { return Fold(string(p)) }

// Equal tells whether both name the same file.
func (p Path) Equal(other Path) bool { return p.Key() == other.Key() }

// Fold maps every character to upper case by itself, as NTFS does: no language's special cases, and never a change
// of length.
func Fold(name string) string {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			return strings.Map(unicode.ToUpper, name)
		}
	}
	return strings.ToUpper(name) // The same for ASCII, and a copy only if it changes something.
}

// Base is the last component; of a drive's root it is empty.
func (p Path) Base() string { return string(p[strings.LastIndexByte(string(p), '\\')+1:]) }

// IsRoot tells the root directory of a drive.
func (p Path) IsRoot() bool { return len(p) == 3 }

// Drive is the root directory of the path's drive.
func (p Path) Drive() Path { return p[:3] }

// Parent is the directory that holds p; that of a drive's root is the root itself.
func (p Path) Parent() Path {
	last := strings.LastIndexByte(string(p), '\\')
	if last <= len(`C:`) {
		return p.Drive()
	}
	return p[:last]
}

// Join adds components, which have to be valid: they are not checked again.
func (p Path) Join(components ...string) Path {
	if len(components) == 0 {
		return p
	}
	return Path(strings.TrimSuffix(string(p), `\`) + `\` + strings.Join(components, `\`))
}

// Ancestors are the directories above p, the outermost first, without the root of the drive.
func (p Path) Ancestors() []Path {
	var all []Path
	for i, c := range string(p) {
		if c == '\\' && i > len(`C:`) {
			all = append(all, p[:i])
		}
	}
	return all
}

// Within tells whether p is below the directory, at any depth. A path is not within itself.
func (p Path) Within(directory Path) bool {
	prefix := strings.TrimSuffix(directory.Key(), `\`) + `\`
	return len(p.Key()) > len(prefix) && strings.HasPrefix(p.Key(), prefix)
}

// Child is the component of p directly below the directory: for C:\k\versions\1\x.exe below C:\k\versions it is 1.
func (p Path) Child(directory Path) (string, bool) {
	if !p.Within(directory) {
		return "", false
	}
	rest := strings.TrimPrefix(string(p)[len(directory):], `\`)
	child, _, _ := strings.Cut(rest, `\`)
	return child, true
}
