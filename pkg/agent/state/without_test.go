package state_test

import (
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

const retiredKey = "ssh-ed25519 AAAAC3Nz old@example.com"

func TestALineIsUnwantedForItsKeyWhateverElseItSays(t *testing.T) {
	file := state.File{Without: []string{"ecdsa-sha2-nistp256 AAAAE2Vj", retiredKey}}
	for line, want := range map[string]bool{
		retiredKey:                          true,
		"ssh-ed25519 AAAAC3Nz":              true,
		"ssh-ed25519 AAAAC3Nz another name": true,
		"\tssh-ed25519  AAAAC3Nz\t":         true,
		"\ufeffssh-ed25519 AAAAC3Nz":        true,
		`from="10.0.0.0/8",command="cmd /c ver" ssh-ed25519 AAAAC3Nz x`: true,
		"ecdsa-sha2-nistp256 AAAAE2Vj":                                  true,
		"ssh-ed25519 AAAAC3NzAAAA old@example.com":                      false,
		"ssh-rsa AAAAC3Nz":                                              false,
		"ssh-ed25519":                                                   false,
		"AAAAC3Nz ssh-ed25519":                                          false,
		"# ssh-ed25519 AAAAC3Nz":                                        false,
		"":                                                              false,
	} {
		if got := file.Unwanted(line); got != want {
			t.Errorf("%q is unwanted: %t", line, got)
		}
	}
	if (state.File{}).Unwanted(retiredKey) {
		t.Error("a line is unwanted by a file that says nothing of it")
	}
}

func TestValidateRefusesToTakeOutWhatHasToBeThere(t *testing.T) {
	const path, key = `C:\ProgramData\ssh\administrators_authorized_keys`, "ssh-ed25519 AAAANEW new@example.com"
	for sentence, test := range map[string]struct {
		file state.File
		want string
	}{
		"another key than the one to log in with": {state.File{Lines: []string{key}, Without: []string{retiredKey}}, ""},
		"the key to log in with":                  {state.File{Lines: []string{key}, Without: []string{key}}, "the same key in lines"},
		"the key to log in with, by another name": {state.File{Lines: []string{key}, Without: []string{"ssh-ed25519 AAAANEW"}}, "the same key in lines"},
		"the key to log in with, from somewhere":  {state.File{Lines: []string{`from="192.0.2.1" ` + key}, Without: []string{key}}, "the same key in lines"},
		"every key that is known":                 {state.File{Without: []string{retiredKey}}, "needs exactly one of"},
		"a key of a file that is ours as a whole": {state.File{Inline: text("x"), Without: []string{retiredKey}}, "none that have to be"},
		"half a key":           {state.File{Lines: []string{key}, Without: []string{"ssh-ed25519"}}, "a key's type and the key"},
		"a comment":            {state.File{Lines: []string{key}, Without: []string{"# ssh-ed25519 AAAANEW"}}, "a key's type and the key"},
		"two keys in one line": {state.File{Lines: []string{key}, Without: []string{"a b\nc d"}}, "separator"},
	} {
		t.Run(sentence, func(t *testing.T) {
			d := valid()
			test.file.Path = path
			d.Files = []state.File{test.file}
			err := d.Validate()
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("want %q, got error %v", test.want, err)
			}
		})
	}
}

// FuzzUnwanted: what is after a key changes nothing, and a valid state never takes out one of its own lines.
func FuzzUnwanted(f *testing.F) {
	f.Add(retiredKey, `from="*"`, "comment")
	f.Add("ssh-rsa AAAA", "", "ssh-ed25519 AAAAC3Nz")
	f.Fuzz(func(t *testing.T, unwanted, options, comment string) {
		file := state.File{Path: `C:\k\x`, Lines: []string{options + " " + unwanted}, Without: []string{unwanted}}
		d := valid()
		d.Files = []state.File{file}
		if d.Validate() == nil && file.Unwanted(file.Lines[0]) {
			t.Error("a line that has to be there is unwanted")
		}
		d.Files[0].Lines = []string{"another key"}
		if d.Validate() == nil && !file.Unwanted(unwanted+" "+comment) {
			t.Error("a comment hides a key")
		}
	})
}
