package state_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func TestNetworksAreNamedStrictly(t *testing.T) {
	for sentence, test := range map[string]struct {
		networks []state.ContainerNetwork
		want     string
	}{
		"without a name":             {[]state.ContainerNetwork{{}}, "is empty"},
		"of two lines":               {[]state.ContainerNetwork{{Name: "a\nb"}}, "more than one line"},
		"with a space at its end":    {[]state.ContainerNetwork{{Name: "cbr0 "}}, "space"},
		"too long":                   {[]state.ContainerNetwork{{Name: strings.Repeat("a", 129)}}, "longer than 128"},
		"that is nobody's":           {[]state.ContainerNetwork{{Name: "NAT"}}, "make for themselves"},
		"twice":                      {[]state.ContainerNetwork{{Name: "cbr0"}, {Name: "cbr0"}}, "declared twice"},
		"after what is not there":    {[]state.ContainerNetwork{{Name: "cbr0", After: []state.ID{{Kind: state.KindFeature, Name: "x"}}}}, "not declared"},
		"that can be told by plugin": {[]state.ContainerNetwork{{Name: "External"}, {Name: "flannel.4096"}}, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			d := valid()
			d.Networks = test.networks
			err := d.Validate()
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestARecordGainsOnlyNetworksOfItsNameThatItDidNotFind(t *testing.T) {
	record := state.Record{ID: state.ContainerNetwork{Name: "cbr0"}.ID(), Kept: []string{"1"}}
	all := []state.HNSNetwork{
		{ID: "1", Name: "cbr0"}, {ID: "2", Name: "cbr0"}, {ID: "3", Name: "CBR0"}, {ID: "4", Name: "nat"}, {ID: "5", Name: "cbr0"},
	}
	want := []state.HNSNetwork{{ID: "2", Name: "cbr0"}, {ID: "5", Name: "cbr0"}}
	if diff := cmp.Diff(want, record.Gained(all)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
