//go:build windows

package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/windows/registry"

	"github.com/mullion-dev/mullion/test/winhost/powershell"
)

// failed is the exit code when there is none of a program.
const failed = 1

// runLine gives a command line to the default shell: what the registry says, else cmd.exe. An empty line starts the
// shell itself.
// Source: https://learn.microsoft.com/windows-server/administration/openssh/openssh-server-configuration
func runLine(s *session, line string) int {
	shell := defaultShell()
	if strings.EqualFold(filepath.Base(shell), "powershell.exe") {
		return runPowerShell(s, line)
	}
	cmd := exec.Command(shell)
	if line != "" {
		// The line goes to the shell as it came: cmd.exe's quoting is not that of other programs.
		cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: `"` + shell + `" /c "` + line + `"`}
	}
	return report(s, cmd)
}

func defaultShell() string {
	fallback := filepath.Join(os.Getenv("SystemRoot"), "system32", "cmd.exe")
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, `SOFTWARE\OpenSSH`, registry.QUERY_VALUE)
	if err != nil {
		return fallback
	}
	defer func() { _ = key.Close() }()
	shell, _, err := key.GetStringValue("DefaultShell")
	if err != nil || shell == "" {
		return fallback
	}
	return shell
}

// runPowerShell does what `powershell.exe -c LINE` does. Its exit code is 0 or 1, whatever that of the last program
// was, unless the line ends with an exit statement.
func runPowerShell(s *session, line string) int {
	statements, err := powershell.Parse(line, os.Getenv)
	if err != nil {
		fmt.Fprintf(s.channel.Stderr(), "At line:1 char:1\r\n+ %s\r\nParserError: %v.\r\n", line, err)
		return failed
	}
	last := 0
	for _, statement := range statements {
		switch {
		case statement.Exit != nil && statement.Exit.Last:
			return last
		case statement.Exit != nil:
			return statement.Exit.Code
		case statement.Print != nil:
			fmt.Fprintf(s.channel, "%s\r\n", *statement.Print)
			last = 0
		default:
			last = call(s, statement.Call)
		}
	}
	return min(last, failed)
}

func call(s *session, words []string) int {
	path, err := exec.LookPath(words[0])
	if err != nil {
		fmt.Fprintf(s.channel.Stderr(), "%s : The term '%s' is not recognized as the name of a cmdlet, function, script file, or operable program.\r\n", words[0], words[0])
		return failed
	}
	cmd := exec.Command(path)
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: powershell.CommandLine(words)}
	return report(s, cmd)
}

// report runs a program; what kept it from running is printed.
func report(s *session, cmd *exec.Cmd) int {
	code, err := s.run(cmd)
	if err != nil {
		log.Printf("running %s: %v", cmd.Path, err)
		if !errors.Is(err, os.ErrClosed) {
			fmt.Fprintf(s.channel.Stderr(), "%v\r\n", err)
		}
		return failed
	}
	return code
}
