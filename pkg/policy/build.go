package policy

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Build is a Windows build: a version without its revision. Nodes are labelled with it, and for process
// isolation it is what has to agree between host and image.
type Build struct {
	Major, Minor, Number uint32
}

// Version is a full Windows version: a build and its revision (UBR), such as 10.0.20348.2700.
type Version struct {
	Build
	// Revision is zero where the version was written without one.
	Revision uint32
}

// ParseBuild reads a build such as "10.0.20348". A revision is refused.
func ParseBuild(s string) (Build, error) {
	numbers, n := parseNumbers(s)
	if n != 3 {
		return Build{}, fmt.Errorf("%q is not a Windows build of the form 10.0.20348", s)
	}
	return Build{numbers[0], numbers[1], numbers[2]}, nil
}

// ParseVersion reads a version with or without a revision, such as "10.0.20348.2700" or "10.0.20348".
// What follows a blank is ignored: some kernels report a description after the number.
func ParseVersion(s string) (Version, error) {
	number, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	numbers, n := parseNumbers(number)
	if n != 3 && n != 4 {
		return Version{}, fmt.Errorf("%q is not a Windows version of the form 10.0.20348.2700", s)
	}
	return Version{Build{numbers[0], numbers[1], numbers[2]}, numbers[3]}, nil
}

// parseNumbers reads up to four numbers with dots between them, and returns how many there are: zero where
// the text is anything else. It allocates nothing, because every decision reads the version of every image.
func parseNumbers(s string) (numbers [4]uint32, n int) {
	for more := true; more; n++ {
		var part string
		part, s, more = strings.Cut(s, ".")
		number, err := strconv.ParseUint(part, 10, 32)
		if err != nil || n == len(numbers) {
			return numbers, 0
		}
		numbers[n] = uint32(number)
	}
	return numbers, n
}

// Compare orders builds from the oldest to the newest.
func (b Build) Compare(other Build) int {
	return cmp.Or(cmp.Compare(b.Major, other.Major), cmp.Compare(b.Minor, other.Minor), cmp.Compare(b.Number, other.Number))
}

// String is the build as nodes are labelled with it.
func (b Build) String() string {
	buf := make([]byte, 0, 16)
	buf = strconv.AppendUint(buf, uint64(b.Major), 10)
	buf = append(buf, '.')
	buf = strconv.AppendUint(buf, uint64(b.Minor), 10)
	buf = append(buf, '.')
	buf = strconv.AppendUint(buf, uint64(b.Number), 10)
	return string(buf)
}

// IsZero tells whether the build is not known.
func (b Build) IsZero() bool { return b == Build{} }

// String is the version in its four-part form.
func (v Version) String() string {
	return v.Build.String() + "." + strconv.FormatUint(uint64(v.Revision), 10)
}
