package registry_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/test/winhost/registry"
)

// file is how Wine writes one.
const file = `WINE REGISTRY Version 2
;; All keys relative to REGISTRY\\Machine

#arch=win64

[Software\\Microsoft\\Windows NT\\CurrentVersion] 1795303592
#time=1dd7a0fbe5717b0
@="default"
"CurrentBuild"="20348"
"Digital"=hex:01,02,\
  03,04
"Euro \x20ac"="a \"quoted\" \\ text\n"
"Expand"=str(2):"%SystemRoot%\\x"
"List"=str(7):"one\0two\0\0"
"UBR"=dword:00000a8f

[System\\ControlSet001\\Services\\x] 1795303592
"Start"=dword:00000002
"Bad"=what

[Software\\microsoft\\windows nt\\currentversion]
"CurrentBuild"="17763"
`

func newPrefix(t *testing.T, content string) string {
	t.Helper()
	prefix := t.TempDir()
	if err := os.WriteFile(filepath.Join(prefix, "system.reg"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return prefix
}

func TestTheValuesOfAKeyAreReadAndTheLastOfAValueWins(t *testing.T) {
	got, found, err := registry.Read(newPrefix(t, file), `HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion`)
	if err != nil || !found {
		t.Fatal(found, err)
	}
	want := registry.Values{
		"":             "default",
		"CurrentBuild": "17763",
		"Digital":      []byte{1, 2, 3, 4},
		"Euro €":       "a \"quoted\" \\ text\n",
		"Expand":       `%SystemRoot%\x`,
		"List":         []string{"one", "two"},
		"UBR":          uint32(2703),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

func TestAKeyThatDoesNotExistIsNotFound(t *testing.T) {
	if _, found, err := registry.Read(newPrefix(t, file), `HKLM\Software\Nobody`); found || err != nil {
		t.Error(found, err)
	}
}

func TestWhatCannotBeReadIsAnError(t *testing.T) {
	tests := map[string]struct{ content, key, want string }{
		"another hive":              {file, `HKU\x`, "neither below HKLM nor HKCU"},
		"a missing file":            {file, `HKCU\x`, "user.reg"},
		"another format":            {"REGEDIT4\n", `HKLM\x`, "does not begin with"},
		"an unknown type":           {file, `HKLM\SYSTEM\CurrentControlSet\Services\x`, `"what" is not known`},
		"a key without end":         {"WINE REGISTRY Version 2\n[a\n", `HKLM\a`, "at its end"},
		"a value without end":       {"WINE REGISTRY Version 2\n[a]\n\"b\n", `HKLM\a`, "at its end"},
		"a value without data":      {"WINE REGISTRY Version 2\n[a]\n\"b\"\n", `HKLM\a`, "equals sign"},
		"a backslash without more":  {"WINE REGISTRY Version 2\n[a\\\\\\ \n", `HKLM\a`, "at its end"},
		"a number that is too long": {"WINE REGISTRY Version 2\n[a]\n\"b\"=dword:100000000\n", `HKLM\a`, "range"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if _, _, err := registry.Read(newPrefix(t, tt.content), tt.key); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestWhatIsSetIsReadBack(t *testing.T) {
	prefix := newPrefix(t, file)
	key := registry.Key{Path: `HKLM\System\CurrentControlSet\Services\[sshd]`, Values: registry.Values{
		"ImagePath": "\"C:\\a b.exe\"\t€ 😀",
		"Start":     uint32(2),
		"Depends":   []string{"a", "0b"},
	}}
	if err := registry.Set(prefix, key); err != nil {
		t.Fatal(err)
	}
	got, _, err := registry.Read(prefix, `HKLM\SYSTEM\ControlSet001\services\[SSHD]`)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(key.Values, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if err := registry.Set(prefix, registry.Key{Path: `HKLM\a`, Values: registry.Values{"b": 1}}); err == nil {
		t.Error("a value of a type that is not known was set")
	}
}
