package store

import (
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func TestWhereThereAreNoListsWhatIsThereIsBelieved(t *testing.T) {
	for sentence, test := range map[string]struct {
		access state.AccessState
		others bool
	}{
		"a drive that keeps none": {state.AccessState{Level: state.AccessLevelUnknown}, false},
		"what we have set":        {state.AccessState{Level: state.AccessLevelAdministrators}, false},
		"a file without one":      {state.AccessState{Level: state.AccessLevelOther, SDDL: "O:BAG:BA"}, true},
		"a level that is none":    {state.AccessState{}, true},
	} {
		t.Run(sentence, func(t *testing.T) {
			if letsOthersWrite(test.access) != test.others {
				t.Errorf("others may write: %t", !test.others)
			}
		})
	}
}

// FuzzLetsOthersWrite: whatever a list says, one more entry that lets everybody write is seen.
func FuzzLetsOthersWrite(f *testing.F) {
	f.Add("D:P(A;;FA;;;SY)(A;;FA;;;BA)")
	f.Add("D:AI(A;OICIID;0x1200a9;;;BU)(A;CIID;DCLCRPCR;;;BU)")
	f.Add("O:BAD:NO_ACCESS_CONTROL")
	f.Fuzz(func(t *testing.T, sddl string) {
		if strings.Contains(sddl, "D:") && !letsOthersWrite(state.AccessState{Level: state.AccessLevelOther, SDDL: "O:BA" + sddl + "(A;;FA;;;WD)"}) {
			t.Errorf("%q", sddl)
		}
		if !letsOthersWrite(state.AccessState{Level: state.AccessLevelOther, SDDL: "O:BU" + sddl}) {
			t.Errorf("what Users own is believed: %q", sddl)
		}
		letsOthersWrite(state.AccessState{Level: state.AccessLevelInherited, SDDL: sddl})
	})
}
