package manifest

import (
	"fmt"
	"regexp"
	"strconv"
)

// Problem says why something could not be read.
//
//nolint:errname // Users of the package list problems; that they are errors, too, is a convenience.
type Problem struct {
	// File is the file as it was named or found, and Line the line in it, counted from 1; zero where the
	// problem is with the file as a whole.
	File string
	Line int
	// Message says what is wrong, in a sentence without a full stop.
	Message string
}

func (p *Problem) Error() string { return position(p.File, p.Line) + ": " + p.Message }

// position is the place in a file as compilers and editors write it.
func position(file string, line int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// lineInError finds the line in the errors of the YAML parsers, which count from the beginning of what they were
// given and have no type for it.
var lineInError = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)

// locate takes the line out of a parser's error. It is counted from 1, and zero where the error names none.
func locate(err error) (line int, message string) {
	match := lineInError.FindStringSubmatch(err.Error())
	message = err.Error()[len(match[0]):]
	line, _ = strconv.Atoi(match[1])
	return line, message
}
