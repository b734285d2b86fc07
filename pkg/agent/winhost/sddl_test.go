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
		"what we set on a file is recognized":             {"D:P(A;;FA;;;SY)(A;;FA;;;BA)", state.AccessLevelAdministrators},
		"also as Windows returns it":                      {"O:BAG:SYD:PAI(A;;FA;;;BA)(A;;FA;;;SY)", state.AccessLevelAdministrators},
		"what we set on a directory is recognized":        {"D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)", state.AccessLevelAdministrators},
		"one that is not protected is not ours":           {"D:(A;;FA;;;SY)(A;;FA;;;BA)", state.AccessLevelOther},
		"one more who may read is not ours":               {"D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FR;;;BU)", state.AccessLevelOther},
		"less than full control is not ours":              {"D:P(A;;FA;;;SY)(A;;FR;;;BA)", state.AccessLevelOther},
		"all entries inherited":                           {"D:AI(A;ID;FA;;;SY)(A;OICIID;FR;;;BU)", state.AccessLevelInherited},
		"no entries, and not protected":                   {"D:AI", state.AccessLevelInherited},
		"one entry of its own":                            {"D:AI(A;;FR;;;WD)(A;ID;FA;;;SY)", state.AccessLevelOther},
		"no entries, protected: nobody":                   {"D:P", state.AccessLevelOther},
		"no list at all: everybody":                       {"D:NO_ACCESS_CONTROL", state.AccessLevelOther},
		"an audit list does not count":                    {"D:P(A;;FA;;;SY)(A;;FA;;;BA)S:AI(AU;SA;FA;;;WD)", state.AccessLevelAdministrators},
		"a user whose name looks like a flag is no flag":  {"D:AI(A;;FA;;;S-1-5-21-1-2-3-1001)", state.AccessLevelOther},
		"what has no list cannot be told":                 {"O:BAG:SY", state.AccessLevelUnknown},
		"what is broken cannot be told":                   {"D:P(A;;FA;;;SY", state.AccessLevelUnknown},
		"an entry without fields is nothing inherited":    {"D:(ID)", state.AccessLevelOther},
		"flags are pairs of letters, not any two of them": {"D:AI(A;OIDI;FA;;;SY)", state.AccessLevelOther},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := accessLevel(tt.sddl); got != tt.want {
				t.Errorf("%s: got %s, want %s", tt.sddl, got, tt.want)
			}
		})
	}
}

func FuzzAccessLevel(f *testing.F) {
	f.Add(sddlAdministrators)
	f.Add("O:BAD:PAI(A;OICIID;FA;;;SY)S:(AU;SA;FA;;;WD)")
	f.Add("D:(")
	f.Fuzz(func(t *testing.T, sddl string) {
		switch accessLevel(sddl) {
		case state.AccessLevelUnknown, state.AccessLevelInherited, state.AccessLevelAdministrators, state.AccessLevelOther:
		default:
			t.Error("no level at all")
		}
	})
}
