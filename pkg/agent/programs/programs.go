// Package programs is where versions of the agent are on a host. Each has a directory of its own, named by the
// beginning of its digest, so that one never takes the place of another that runs; and so whoever finds one can tell
// whether it is what it says.
package programs

import (
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

const (
	// Root is the directory that has a directory for each version. Below C:\Windows only administrators can write, from
	// the moment on that a directory is made; below C:\ProgramData every user could have made it before us.
	Root winpath.Path = `C:\Windows\mullion`
	// Name is the name of the agent's executable.
	Name = state.AgentProgram
	// digits are so many digits of a digest that no two versions have them in common.
	digits = 16
	// unfinished is how a name ends under which a program is sent, see pkg/ssh.
	unfinished = ".part"
)

// Directory is the directory of the version with that SHA-256, in hexadecimal digits.
func Directory(sha256 string) winpath.Path { return Root.Join(sha256[:digits]) }

// Path is where the program with that SHA-256 is.
func Path(sha256 string) winpath.Path { return Directory(sha256).Join(Name) }

// isVersion tells whether a directory below Root can have been named by us.
func isVersion(name string) bool {
	return len(name) == digits && strings.Trim(name, "0123456789abcdef") == ""
}
