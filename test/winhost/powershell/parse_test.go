package powershell_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/test/winhost/powershell"
)

func getenv(name string) string { return "<" + name + ">" }

func TestALineIsReadAsPowerShellReadsIt(t *testing.T) {
	text := func(s string) *string { return &s }
	call := func(words ...string) powershell.Statement { return powershell.Statement{Call: words} }
	tests := map[string]struct {
		line string
		want []powershell.Statement
	}{
		"an empty line does nothing":               {" ", nil},
		"words are separated by spaces":            {`C:\a.exe  facts -v`, []powershell.Statement{call(`C:\a.exe`, "facts", "-v")}},
		"the call operator calls what is quoted":   {`& "C:\a b.exe" x`, []powershell.Statement{call(`C:\a b.exe`, "x")}},
		"the call operator needs no space":         {`&'C:\a b.exe'`, []powershell.Statement{call(`C:\a b.exe`)}},
		"a quoted string alone stands for itself":  {`"C:\a b.exe"`, []powershell.Statement{{Print: text(`C:\a b.exe`)}}},
		"single quotes are literal":                {`a '$env:X ''b'' "' `, []powershell.Statement{call("a", `$env:X 'b' "`)}},
		"double quotes expand variables":           {`a "$env:X\b""c"`, []powershell.Statement{call("a", `<X>\b"c`)}},
		"so do bare words":                         {`a $Env:WINDIR\b`, []powershell.Statement{call("a", `<WINDIR>\b`)}},
		"a percent sign is no variable":            {`a %PATH%`, []powershell.Statement{call("a", "%PATH%")}},
		"a backtick escapes":                       {"a b` c`;d \"`$x`n\"", []powershell.Statement{call("a", "b c;d", "$x\n")}},
		"semicolons and lines separate statements": {"a;\nb ; c", []powershell.Statement{call("a"), call("b"), call("c")}},
		"exit takes a number":                      {"a; exit 3", []powershell.Statement{call("a"), {Exit: &powershell.Exit{Code: 3}}}},
		"exit passes on the last exit code":        {"a; exit $LastExitCode", []powershell.Statement{call("a"), {Exit: &powershell.Exit{Last: true}}}},
		"a comma stays in its word":                {"a b,c", []powershell.Statement{call("a", "b,c")}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := powershell.Parse(tt.line, getenv)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("statements (-want +got):\n%s", diff)
			}
		})
	}
}

func TestALineThatPowerShellRefusesIsRefused(t *testing.T) {
	tests := map[string]struct{ line, want string }{
		"a quoted program without call operator": {`"C:\a b.exe" x`, "unexpected token 'x'"},
		"two ampersands":                         {"a && b", "not a valid statement separator"},
		"an ampersand at the end":                {"a &", "ampersand"},
		"a call of nothing":                      {"&", "missing expression"},
		"an open single quote":                   {"a 'b", "terminator: '"},
		"an open double quote":                   {`a "b`, `terminator: "`},
		"a backtick at the end":                  {"a `", "backtick"},
		"a pipeline, which we do not know":       {"a | b", "does not know"},
		"a variable, which we do not know":       {"a $x", "does not know"},
		"an exit that we do not know":            {"exit now", "cannot exit"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := powershell.Parse(tt.line, getenv); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestDoubleQuotesInsideAnArgumentGetLost(t *testing.T) {
	got := powershell.CommandLine([]string{`C:\a b.exe`, `{"a": 1}`, `{"a":1}`, ""})
	if want := `"C:\a b.exe" "{"a": 1}" {"a":1} ""`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, line := range []string{"", "a 'b' \"c\" & ; exit 1", "a `", "$env:", "''''", `""""`, "$LASTEXITCODE"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		statements, err := powershell.Parse(line, getenv)
		if err != nil {
			return
		}
		for _, s := range statements {
			if len(s.Call) == 0 && s.Print == nil && s.Exit == nil {
				t.Errorf("%q has an empty statement", line)
			}
		}
	})
}
