package ssh

import (
	"os/exec"
	"strings"
	"testing"
)

func TestWhatShellsMayReadDifferentlyIsRefused(t *testing.T) {
	for word, reason := range map[string]string{
		"":                 errAlphabet.Error(),
		"two words":        errAlphabet.Error(),
		`"quoted"`:         errAlphabet.Error(),
		"'quoted'":         errAlphabet.Error(),
		"%PATH%":           errAlphabet.Error(),
		"$env:PATH":        errAlphabet.Error(),
		"`whoami`":         errAlphabet.Error(),
		"a;b":              errAlphabet.Error(),
		"a&b":              errAlphabet.Error(),
		"a|b":              errAlphabet.Error(),
		"a>b":              errAlphabet.Error(),
		"a^b":              errAlphabet.Error(),
		"a,b":              errAlphabet.Error(),
		"a\nb":             errAlphabet.Error(),
		"a\x00b":           errAlphabet.Error(),
		"(a)":              errAlphabet.Error(),
		"{a}":              errAlphabet.Error(),
		"@a":               errAlphabet.Error(),
		"#a":               errAlphabet.Error(),
		"~":                errAlphabet.Error(),
		"*":                errAlphabet.Error(),
		"!a":               errAlphabet.Error(),
		"zürich":           errAlphabet.Error(),
		"C:\\k":            errAlphabet.Error(),
		"--":               "an argument of dashes alone means something to PowerShell itself",
		"-":                "an argument of dashes alone means something to PowerShell itself",
		"-config:a":        "PowerShell splits an argument with one dash before, and a dot or colon in it: use two dashes",
		"-config=a.yaml":   "PowerShell splits an argument with one dash before, and a dot or colon in it: use two dashes",
		"/c":               "a bash on Windows rewrites paths that begin with a slash: begin it with a drive",
		"--config=/k/a":    "a bash on Windows rewrites paths that begin with a slash: begin it with a drive",
		"apply":            "",
		"--config=C:/k/a":  "",
		"-v=4":             "",
		"10.0.20348":       "",
		"--out=a_b-c.json": "",
	} {
		t.Run(word, func(t *testing.T) {
			command := program(word)
			_, err := command.line()
			if reason == "" && err != nil || reason != "" && (err == nil || !strings.HasSuffix(err.Error(), reason)) {
				t.Errorf("want %q, got %v", reason, err)
			}
		})
	}
}

func TestProgramsHaveAbsolutePathsWithoutSpaces(t *testing.T) {
	for path, want := range map[string]string{
		`C:\ProgramData\mullion\agent.exe`: `C:\\ProgramData\\mullion\\agent.exe`,
		`C:/ProgramData/mullion/agent.exe`: `C:\\ProgramData\\mullion\\agent.exe`,
		`/usr/bin/true`:                    `/usr/bin/true`,
		`agent.exe`:                        errRelative.Error(),
		`\agent.exe`:                       errRelative.Error(),
		`C:agent.exe`:                      errRelative.Error(),
		`C:\a:b`:                           errRelative.Error(),
		`C:\Program Files\agent.exe`:       errAlphabet.Error(),
		`C:\a=b.exe`:                       errAlphabet.Error(),
		``:                                 errRelative.Error(),
	} {
		t.Run(path, func(t *testing.T) {
			got, err := programPath(path)
			if err != nil {
				got = err.Error()
			}
			if got != want {
				t.Errorf("want %s, got %s", want, got)
			}
		})
	}
}

func TestAWrongCommandIsNotSent(t *testing.T) {
	s := start(t, exits(0))
	pool := newPool(t, Options{})
	if err := run(t, pool, s.target, program("a b")); err == nil {
		t.Error("it was sent")
	}
}

// Windows reads the doubled backslashes of a path as one. That a bash leaves one of each is all that can be seen here.
func TestAShellReadsACommandAsItWasMeant(t *testing.T) {
	command := program("apply", "--config=C:/k/a.yaml", "-v=4")
	line, err := command.line()
	if err != nil {
		t.Fatal(err)
	}
	for _, shell := range []string{"sh", "bash"} {
		if _, err := exec.LookPath(shell); err != nil && shell != "sh" {
			t.Logf("there is no %s here", shell)
			continue
		}
		got, err := exec.CommandContext(t.Context(), shell, "-c", `printf '%s\n' `+line).Output()
		if err != nil {
			t.Fatal(err)
		}
		if want := command.Path + "\n" + strings.Join(command.Args, "\n") + "\n"; string(got) != want {
			t.Errorf("%s reads\n%s\ninstead of\n%s", shell, got, want)
		}
	}
}

func FuzzNoCommandHasWhatAShellInterprets(f *testing.F) {
	f.Add(`C:\k\a.exe`, "apply")
	f.Add(`/usr/bin/true`, "--a=b")
	f.Fuzz(func(t *testing.T, path, argument string) {
		command := Command{Path: path, Args: []string{argument}}
		line, err := command.line()
		if err != nil {
			return
		}
		if strings.Count(line, " ") != 1 || !consistsOf(line, ` -_.:\/=`) {
			t.Errorf("%q", line)
		}
	})
}
