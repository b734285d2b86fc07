package winpath_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

func TestParse(t *testing.T) {
	for sentence, test := range map[string]struct{ text, want string }{
		"a path stays as it is":                     {`C:\k\kubelet.exe`, `C:\k\kubelet.exe`},
		"slashes become backslashes":                {`c:/k/kubelet.exe`, `C:\k\kubelet.exe`},
		"a backslash at the end is dropped":         {`C:\k\`, `C:\k`},
		"the root of a drive keeps its backslash":   {`d:\`, `D:\`},
		"a name may have a device's name inside":    {`C:\console\comx\com10`, `C:\console\comx\com10`},
		"a name may have spaces, dots and umlauts":  {`C:\Program Files\a.b\Größe`, `C:\Program Files\a.b\Größe`},
		"a name of 255 characters is the longest":   {`C:\` + strings.Repeat("ä", 255), `C:\` + strings.Repeat("ä", 255)},
		"a drive letter may be lower case in input": {`z:\a`, `Z:\a`},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, err := winpath.Parse(test.text)
			if err != nil || got.String() != test.want {
				t.Errorf("got %q, error %v", got, err)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for sentence, text := range map[string]string{
		"nothing":                                ``,
		"a relative path":                        `k\kubelet.exe`,
		"a path relative to a drive":             `C:kubelet.exe`,
		"a path of Unix":                         `/etc/passwd`,
		"a network path":                         `\\server\share`,
		"a device path":                          `\\?\C:\k`,
		"an escape to the directory above":       `C:\k\..\Windows`,
		"a component that is a dot":              `C:\k\.\x`,
		"an empty component":                     `C:\k\\x`,
		"an alternate data stream":               `C:\k\x:stream`,
		"a wildcard":                             `C:\k\*.exe`,
		"a control character":                    "C:\\k\\a\nb",
		"text that is not UTF-8":                 "C:\\k\\\xff",
		"a device":                               `C:\k\NUL`,
		"a device with an extension":             `C:\k\con.txt`,
		"a device with a space before extension": `C:\k\aux .txt`,
		"a serial port":                          `C:\k\COM1`,
		"a serial port with a superscript":       `C:\k\lpt³.log`,
		"a dot at the end, which Windows drops":  `C:\k\x.`,
		"a space at the end, likewise":           `C:\k \x`,
		"a component that is too long":           `C:\` + strings.Repeat("x", 256),
		"a path that is too long":                `C:` + strings.Repeat(`\x`, 600),
	} {
		t.Run(sentence, func(t *testing.T) {
			if got, err := winpath.Parse(text); err == nil {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestRelations(t *testing.T) {
	path := winpath.Path(`C:\k\Versions\1\kubelet.exe`)
	if !path.Equal(`c:\K\versions\1\KUBELET.exe`) || path.Equal(`C:\k\versions`) {
		t.Error("case matters, or nothing does")
	}
	if path.Base() != "kubelet.exe" || path.Drive() != `C:\` || path.Parent() != `C:\k\Versions\1` {
		t.Errorf("its parts are %q, %q and %q", path.Base(), path.Drive(), path.Parent())
	}
	if winpath.Path(`C:\k`).Parent() != `C:\` || winpath.Path(`C:\`).Parent() != `C:\` || !winpath.Path(`C:\`).IsRoot() {
		t.Error("a drive's root is not the end")
	}
	want := []winpath.Path{`C:\k`, `C:\k\Versions`, `C:\k\Versions\1`}
	if diff := cmp.Diff(want, path.Ancestors()); diff != "" {
		t.Error(diff)
	}
	if !path.Within(`c:\K`) || !path.Within(`C:\`) || path.Within(path) || path.Within(`C:\k\Ver`) {
		t.Error("it is not within what it is within")
	}
	if child, ok := path.Child(`C:\k\versions`); child != "1" || !ok {
		t.Errorf("the child is %q", child)
	}
	if _, ok := path.Child(`D:\`); ok {
		t.Error("it is a child of another drive")
	}
	if got := winpath.Path(`C:\`).Join("a", "b"); got != `C:\a\b` || path.Join() != path {
		t.Errorf("joined to %q", got)
	}
}

func TestFoldMapsCharactersOneByOne(t *testing.T) {
	for text, want := range map[string]string{"kübel": "KÜBEL", "Straße": "STRASSE"} {
		if got := winpath.Fold(text); (got == want) != (text == "kübel") {
			t.Errorf("%q folded to %q", text, got)
		}
	}
}

func TestCommandLine(t *testing.T) {
	for sentence, test := range map[string]struct {
		arguments []string
		want      string
	}{
		"the program is always quoted":                         {nil, `"C:\a b\x.exe"`},
		"plain arguments are not quoted":                       {[]string{`--config=C:\k\x.json`}, `"C:\a b\x.exe" --config=C:\k\x.json`},
		"spaces are quoted":                                    {[]string{"a b"}, `"C:\a b\x.exe" "a b"`},
		"nothing is an argument too":                           {[]string{""}, `"C:\a b\x.exe" ""`},
		"quotation marks are escaped":                          {[]string{`a"b`}, `"C:\a b\x.exe" "a\"b"`},
		"backslashes before a quotation mark are doubled":      {[]string{`a\"b`}, `"C:\a b\x.exe" "a\\\"b"`},
		"backslashes at the end of a quoted text are doubled":  {[]string{`C:\a b\`}, `"C:\a b\x.exe" "C:\a b\\"`},
		"shell characters mean nothing: there is no shell":     {[]string{`$(rm)`, "&", `%PATH%`}, `"C:\a b\x.exe" $(rm) & %PATH%`},
		"other backslashes stay":                               {[]string{`C:\a\b c`}, `"C:\a b\x.exe" "C:\a\b c"`},
		"a backslash elsewhere does not count for a later one": {[]string{`\a "`}, `"C:\a b\x.exe" "\a \""`},
	} {
		t.Run(sentence, func(t *testing.T) {
			if got := winpath.CommandLine(`C:\a b\x.exe`, test.arguments); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{`C:\k`, `c:/a/./b`, `\\x\y`, `C:\com1`, `C:\ä`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		path, err := winpath.Parse(text)
		if err != nil {
			return
		}
		again, err := winpath.Parse(path.String())
		if err != nil || again != path {
			t.Errorf("%q parses to %q, and that to %q, error %v", text, path, again, err)
		}
		if !path.IsRoot() && (!path.Within(path.Parent()) || !path.Parent().Join(path.Base()).Equal(path)) {
			t.Errorf("%q is not below its parent %q", path, path.Parent())
		}
	})
}
