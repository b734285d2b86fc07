package winhost

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

const someID = "6b5f7a52-0c5c-4f2e-9d0b-8f6a9f1f9f10"

func TestNetworksAreReadAsTheServiceWritesThem(t *testing.T) {
	tests := map[string]struct {
		document string
		want     state.HNSNetwork
	}{
		"an overlay": {
			`{"ID":"6B5F7A52-0C5C-4F2E-9D0B-8F6A9F1F9F10","Name":"flannel.4096","Type":"Overlay","Ipams":[{"Type":"Static",` +
				`"Subnets":[{"IpAddressPrefix":"10.244.3.0/24","Routes":[{"NextHop":"10.244.3.1","DestinationPrefix":"0.0.0.0/0"}]}]}],` +
				`"Flags":0,"SchemaVersion":{"Major":2,"Minor":0}}`,
			state.HNSNetwork{ID: someID, Name: "flannel.4096", Type: "Overlay", Subnets: []string{"10.244.3.0/24"}},
		},
		"one whose type is left out is of the type that is zero": {
			`{"Name":"nat","Ipams":[{"Subnets":[{"IpAddressPrefix":"172.20.0.0/16"}]}]}`,
			state.HNSNetwork{ID: someID, Name: "nat", Type: "NAT", Subnets: []string{"172.20.0.0/16"}},
		},
		"both families, in two lists": {
			`{"Name":"cbr0","Type":"L2Bridge","Ipams":[{"Subnets":[{"IpAddressPrefix":"10.0.0.0/24"}]},{"Subnets":[{"IpAddressPrefix":"fd00::/64"}]}]}`,
			state.HNSNetwork{ID: someID, Name: "cbr0", Type: "L2Bridge", Subnets: []string{"10.0.0.0/24", "fd00::/64"}},
		},
		"names in other cases": {`{"name":"x","type":"ICS"}`, state.HNSNetwork{ID: someID, Name: "x", Type: "ICS"}},
		"a type as a number":   {`{"Name":"x","Type":4}`, state.HNSNetwork{ID: someID, Name: "x", Type: "4"}},
		"addresses that are given by DHCP": {
			`{"Name":"x","Type":"Transparent","Ipams":[{"Type":"Dhcp","Subnets":[{"IpAddressPrefix":""}]}]}`,
			state.HNSNetwork{ID: someID, Name: "x", Type: "Transparent"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := parseNetwork(someID, tt.document)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestIDsOfNetworksHaveOneForm(t *testing.T) {
	for name, document := range map[string]string{
		"as the service writes them": `["6B5F7A52-0C5C-4F2E-9D0B-8F6A9F1F9F10"]`,
		"in braces":                  `["{6b5f7a52-0c5c-4f2e-9d0b-8f6a9f1f9f10}"]`,
	} {
		if got, err := parseNetworkIDs(document); err != nil || !cmp.Equal(got, []string{someID}) {
			t.Errorf("%s: got %v, error %v", name, got, err)
		}
	}
	for name, document := range map[string]string{"no document": "", "nothing": "null", "an empty list": "[]"} {
		if got, err := parseNetworkIDs(document); err != nil || len(got) > 0 {
			t.Errorf("%s: got %v, error %v", name, got, err)
		}
	}
	for name, document := range map[string]string{
		"a name": `["nat"]`, "a digit too many": `["6b5f7a52-0c5c-4f2e-9d0b-8f6a9f1f9f100"]`, "no list": `{}`, "half a list": `["6b5f`,
		"a letter that is no digit": `["6b5f7a52-0c5c-4f2e-9d0b-8f6a9f1f9f1g"]`, "hyphens elsewhere": `["6b5f7a5-20c5c-4f2e-9d0b-8f6a9f1f9f10"]`,
	} {
		if got, err := parseNetworkIDs(document); err == nil {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestAFailureIsToldInOneLine(t *testing.T) {
	for document, want := range map[string]string{
		`{"Success":false,"Error":"The network was not found. \r\n","ErrorCode":2151350273}`: "The network was not found.",
		`{"Success":false}`: "", "": "", "no document": "",
	} {
		if got := failureIn(document); got != want {
			t.Errorf("%s: got %q", document, got)
		}
	}
}

func FuzzHCNDocuments(f *testing.F) {
	f.Add(`{"Name":"x","Type":"Overlay","Ipams":[{"Subnets":[{"IpAddressPrefix":"10.0.0.0/24"}]}]}`)
	f.Add(`["6B5F7A52-0C5C-4F2E-9D0B-8F6A9F1F9F10"]`)
	f.Add(`{"Error":"x"}`)
	f.Fuzz(func(t *testing.T, document string) {
		if ids, err := parseNetworkIDs(document); err == nil {
			for _, id := range ids {
				if again, ok := normalGUID(id); !ok || again != id {
					t.Errorf("%q is no ID", id)
				}
			}
		}
		if network, err := parseNetwork(someID, document); err == nil && (network.ID != someID || network.Type == "" && document == "{}") {
			t.Errorf("%+v", network)
		}
		_ = failureIn(document)
	})
}
