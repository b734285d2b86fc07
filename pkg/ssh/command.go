package ssh

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Command is a program to be run with arguments, and what goes in and out of it.
//
// A server of SSH hands a command to a shell, which on Windows may be cmd.exe, PowerShell or a bash. There is no way of
// quoting that all three understand, so nothing is quoted: what could mean anything to one of them is refused, and data
// goes over stdin. The path is the exception: its backslashes are sent twice, which a bash reads as one, and Windows
// reads as one as well.
type Command struct {
	// Path of the program: absolute, of letters, digits and - _ . : \ /, such as C:\ProgramData\mullion\agent.exe.
	Path string
	// Args are of letters, digits and - _ . : / =. An argument with a path has it with slashes: C:/k.
	Args []string
	// Stdin is what the program can read.
	Stdin []byte
	// Line is called for each line of stdout, without its end, which may be that of Windows. An error ends the
	// command. The bytes are only valid until it returns. Lines of more than MaxLine bytes are an error.
	Line func(line []byte) error
	// MaxLine is 1 MiB if it is 0.
	MaxLine int
	// Stdout gets what the program writes there, if Line is nil. If both are, it is thrown away.
	Stdout io.Writer
	// MaxStdout is how many bytes of stdout are taken before the command is ended with an error: 64 MiB if it is 0.
	MaxStdout int64
	// Timeout is Options.Command if it is 0.
	Timeout time.Duration
}

// line is the command as it is sent.
func (c *Command) line() (string, error) {
	path, err := programPath(c.Path)
	if err != nil {
		return "", fmt.Errorf("program %q: %w", c.Path, err)
	}
	words := []string{path}
	for _, argument := range c.Args {
		if err := checkArgument(argument); err != nil {
			return "", fmt.Errorf("argument %q of %s: %w", argument, c.Path, err)
		}
		words = append(words, argument)
	}
	return strings.Join(words, " "), nil
}

var (
	errAlphabet = errors.New("it has characters that shells may read differently")
	errRelative = errors.New("the path is not absolute")
)

// programPath is a path on which all shells agree.
func programPath(path string) (string, error) {
	if !consistsOf(path, `-_.:\/`) {
		return "", errAlphabet
	}
	if strings.HasPrefix(path, "/") && consistsOf(path, "-_./") {
		return path, nil
	}
	drive, rest, found := strings.Cut(path, ":")
	if !found || len(drive) != 1 || !consistsOf(drive, "") || !consistsOf(rest, `-_.\/`) || !strings.ContainsAny(rest[:min(1, len(rest))], `\/`) {
		return "", errRelative
	}
	// cmd.exe takes a slash for the beginning of an option.
	return drive + ":" + strings.ReplaceAll(strings.ReplaceAll(rest, "/", `\`), `\`, `\\`), nil
}

// checkArgument refuses also what is of harmless characters, yet not harmless. PowerShell splits -a.b and -a:b after
// the a, and takes -- for the end of options. The bash of MSYS makes a Windows path of what begins with a slash.
func checkArgument(argument string) error {
	unswitched := strings.TrimLeft(argument, "-")
	switch dashes := len(argument) - len(unswitched); {
	case argument == "" || !consistsOf(argument, "-_.:/="):
		return errAlphabet
	case unswitched == "":
		return errors.New("an argument of dashes alone means something to PowerShell itself")
	case dashes == 1 && strings.ContainsAny(argument, ".:"):
		return errors.New("PowerShell splits an argument with one dash before, and a dot or colon in it: use two dashes")
	case argument[0] == '/' || strings.Contains(argument, "=/"):
		return errors.New("a bash on Windows rewrites paths that begin with a slash: begin it with a drive")
	default:
		return nil
	}
}

// consistsOf is whether a text has letters and digits of ASCII only, and some others.
func consistsOf(text, others string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		digit := '0' <= r && r <= '9'
		return !letter && !digit && !strings.ContainsRune(others, r)
	})
}
