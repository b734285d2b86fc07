package winhost

import (
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func TestAccessLevel(t *testing.T) {
	tests := map[string]struct {
		sddl string
		want state.AccessLevel
	}{
		"what we set on a file is recognized":             {"O:BAD:P(A;;FA;;;SY)(A;;FA;;;BA)", state.AccessLevelAdministrators},
		"also as Windows returns it":                      {"O:BAG:SYD:PAI(A;;FA;;;BA)(A;;FA;;;SY)", state.AccessLevelAdministrators},
		"what we set on a directory is recognized":        {"O:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)", state.AccessLevelAdministrators},
		"one that is not protected is not ours":           {"O:BAD:(A;;FA;;;SY)(A;;FA;;;BA)", state.AccessLevelOther},
		"one more who may read is not ours":               {"O:BAD:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FR;;;BU)", state.AccessLevelOther},
		"less than full control is not ours":              {"O:BAD:P(A;;FA;;;SY)(A;;FR;;;BA)", state.AccessLevelOther},
		"all entries inherited":                           {"O:BAD:AI(A;ID;FA;;;SY)(A;OICIID;FR;;;BU)", state.AccessLevelInherited},
		"no entries, and not protected":                   {"O:BAD:AI", state.AccessLevelInherited},
		"one entry of its own":                            {"O:BAD:AI(A;;FR;;;WD)(A;ID;FA;;;SY)", state.AccessLevelOther},
		"no entries, protected: nobody":                   {"O:BAD:P", state.AccessLevelOther},
		"no list at all: everybody":                       {"O:BAD:NO_ACCESS_CONTROL", state.AccessLevelOther},
		"an audit list does not count":                    {"O:BAD:P(A;;FA;;;SY)(A;;FA;;;BA)S:AI(AU;SA;FA;;;WD)", state.AccessLevelAdministrators},
		"a user whose name looks like a flag is no flag":  {"O:BAD:AI(A;;FA;;;S-1-5-21-1-2-3-1001)", state.AccessLevelOther},
		"a list of ours of which a user is the owner":     {"O:S-1-5-21-1-2-3-1001D:P(A;;FA;;;SY)(A;;FA;;;BA)", state.AccessLevelOther},
		"a tree of ours of which Users are the owner":     {"O:BUG:BUD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)", state.AccessLevelOther},
		"all entries inherited, and a user is the owner":  {"O:S-1-5-21-1-2-3-1001D:AI(A;ID;FA;;;SY)", state.AccessLevelOther},
		"what is Windows' own":                            {"O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464D:AI(A;ID;FA;;;SY)", state.AccessLevelInherited},
		"what is SYSTEM's":                                {"O:SYG:SYD:P(A;;FA;;;SY)(A;;FA;;;BA)", state.AccessLevelAdministrators},
		"what says nothing of its owner is not ours":      {"D:P(A;;FA;;;SY)(A;;FA;;;BA)", state.AccessLevelOther},
		"what has no list cannot be told":                 {"O:BAG:SY", state.AccessLevelUnknown},
		"what is broken cannot be told":                   {"O:BAD:P(A;;FA;;;SY", state.AccessLevelUnknown},
		"an entry without fields is nothing inherited":    {"O:BAD:(ID)", state.AccessLevelOther},
		"flags are pairs of letters, not any two of them": {"O:BAD:AI(A;OIDI;FA;;;SY)", state.AccessLevelOther},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := accessLevel(tt.sddl); got != tt.want {
				t.Errorf("%s: got %s, want %s", tt.sddl, got, tt.want)
			}
		})
	}
}

func TestWhatIsSetHasAnOwner(t *testing.T) {
	const installer = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
	for sentence, test := range map[string]struct {
		access    state.AccessState
		directory bool
		want      string
	}{
		"a file of administrators":      {state.AccessState{Level: state.AccessLevelAdministrators}, false, "O:BAD:P(A;;FA;;;SY)(A;;FA;;;BA)"},
		"a directory of administrators": {state.AccessState{Level: state.AccessLevelAdministrators}, true, "O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"},
		"what the directory passes on":  {state.AccessState{Level: state.AccessLevelInherited}, false, "O:BAD:AI"},
		"what Windows' installer owned": {state.AccessState{Level: state.AccessLevelInherited, SDDL: "O:" + installer + "G:SYD:AI(A;ID;FA;;;SY)"}, false, "O:" + installer + "D:AI"},
		"what SYSTEM owned":             {state.AccessState{Level: state.AccessLevelAdministrators, SDDL: "O:SYD:P(A;;FA;;;SY)(A;;FA;;;BA)"}, false, "O:SYD:P(A;;FA;;;SY)(A;;FA;;;BA)"},
		"a level that says more than its descriptor": {
			state.AccessState{Level: state.AccessLevelAdministrators, SDDL: "O:BUD:P(A;;FA;;;SY)(A;;FA;;;BA)"}, false, "O:BAD:P(A;;FA;;;SY)(A;;FA;;;BA)",
		},
		"what others have set, with its owner": {state.AccessState{Level: state.AccessLevelOther, SDDL: "O:BUD:P"}, false, "O:BUD:P"},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, known := settable(test.access, test.directory)
			if !known || got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if level := accessLevel(got); level != test.access.Level {
				t.Errorf("it is read as %s", level)
			}
		})
	}
	for _, level := range []state.AccessLevel{state.AccessLevelUnknown, ""} {
		if got, known := settable(state.AccessState{Level: level, SDDL: sddlAdministrators}, false); known {
			t.Errorf("%q can be set: %s", level, got)
		}
	}
}

func FuzzAccessLevel(f *testing.F) {
	f.Add(sddlAdministrators)
	f.Add("O:BAD:PAI(A;OICIID;FA;;;SY)S:(AU;SA;FA;;;WD)")
	f.Add("D:(")
	f.Fuzz(func(t *testing.T, sddl string) {
		if level := accessLevel("O:S-1-5-21-1-2-3-1001" + sddl); level != state.AccessLevelOther && level != state.AccessLevelUnknown {
			t.Errorf("what a user owns is %s", level)
		}
		switch accessLevel(sddl) {
		case state.AccessLevelUnknown, state.AccessLevelInherited, state.AccessLevelAdministrators, state.AccessLevelOther:
		default:
			t.Error("no level at all")
		}
	})
}
