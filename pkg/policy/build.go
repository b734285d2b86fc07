package policy

import (
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
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return Build{}, fmt.Errorf("%q is not a Windows build of the form 10.0.20348", s)
	}
	numbers, err := parseNumbers(parts)
	if err != nil {
		return Build{}, fmt.Errorf("%q is not a Windows build of the form 10.0.20348: %w", s, err)
	}
	return Build{numbers[0], numbers[1], numbers[2]}, nil
}

// ParseVersion reads a version with or without a revision, such as "10.0.20348.2700" or "10.0.20348".
// What follows a blank is ignored: some kernels report a description after the number.
func ParseVersion(s string) (Version, error) {
	number, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	parts := strings.Split(number, ".")
	if len(parts) != 3 && len(parts) != 4 {
		return Version{}, fmt.Errorf("%q is not a Windows version of the form 10.0.20348.2700", s)
	}
	numbers, err := parseNumbers(parts)
	if err != nil {
		return Version{}, fmt.Errorf("%q is not a Windows version of the form 10.0.20348.2700: %w", s, err)
	}
	version := Version{Build: Build{numbers[0], numbers[1], numbers[2]}}
	if len(numbers) == 4 {
		version.Revision = numbers[3]
	}
	return version, nil
}

func parseNumbers(parts []string) ([]uint32, error) {
	numbers := make([]uint32, len(parts))
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("part %q is not a number", part)
		}
		numbers[i] = uint32(n)
	}
	return numbers, nil
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
