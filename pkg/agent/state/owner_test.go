package state_test

import (
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func TestAnOwnerIsTrustedOnlyIfItIsWindowsOrItsAdministrators(t *testing.T) {
	const list = "D:P(A;;FA;;;SY)(A;;FA;;;BA)"
	for sentence, test := range map[string]struct {
		sddl, owner string
		trusted     bool
	}{
		"SYSTEM":                       {"O:SYG:SY" + list, "SY", true},
		"SYSTEM, by its SID":           {"O:S-1-5-18" + list, "S-1-5-18", true},
		"Administrators":               {"O:BA" + list, "BA", true},
		"Administrators, by their SID": {"O:S-1-5-32-544G:S-1-5-18" + list, "S-1-5-32-544", true},
		"TrustedInstaller": {
			"O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464G:SYD:AI", "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464", true,
		},
		"an owner and nothing else":      {"O:BA", "BA", true},
		"an owner without a list":        {"O:BAS:(AU;SA;FA;;;WD)", "BA", true},
		"a user":                         {"O:S-1-5-21-1-2-3-1001G:BA" + list, "S-1-5-21-1-2-3-1001", false},
		"a user who is an administrator": {"O:S-1-5-21-1-2-3-500" + list, "S-1-5-21-1-2-3-500", false},
		"another service":                {"O:S-1-5-80-1-2-3-4-5" + list, "S-1-5-80-1-2-3-4-5", false},
		"Users":                          {"O:BU" + list, "BU", false},
		"nobody who is named":            {list, "", false},
		"a group is no owner":            {"G:BA" + list, "", false},
		"an owner that is empty":         {"O:G:BA" + list, "", false},
		"nothing":                        {"", "", false},
	} {
		t.Run(sentence, func(t *testing.T) {
			if owner := state.OwnerOf(test.sddl); owner != test.owner {
				t.Errorf("the owner is %q, want %q", owner, test.owner)
			}
			if trusted := state.TrustedOwner(test.sddl); trusted != test.trusted {
				t.Errorf("it is trusted: %t", trusted)
			}
		})
	}
}

// FuzzTrustedOwner: whatever follows the owner, it does not make one trusted that is not.
func FuzzTrustedOwner(f *testing.F) {
	f.Add("G:BAD:P(A;;FA;;;SY)")
	f.Add("BAD:P")
	f.Add("")
	f.Fuzz(func(t *testing.T, rest string) {
		if strings.Contains(state.OwnerOf(rest), ":") {
			t.Errorf("the owner of %q has a colon", rest)
		}
		if state.TrustedOwner("O:S-1-5-21-1-2-3-1001" + rest) {
			t.Errorf("%q makes a user trusted", rest)
		}
	})
}
