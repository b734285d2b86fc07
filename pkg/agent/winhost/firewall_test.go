package winhost

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func TestRemotesAreReadAsPrefixes(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"all":                             {"*", nil},
		"none said":                       {"", nil},
		"nothing between commas":          {" ,10.0.0.0/8,", []string{"10.0.0.0/8"}},
		"all among others":                {"10.0.0.0/8,*", nil},
		"a mask":                          {"10.0.0.0/255.0.0.0", []string{"10.0.0.0/8"}},
		"an address with all bits":        {"192.168.1.1/255.255.255.255", []string{"192.168.1.1/32"}},
		"an address alone":                {"192.168.1.1", []string{"192.168.1.1/32"}},
		"IPv6":                            {"fd00::/64,fe80::1", []string{"fd00::/64", "fe80::1/128"}},
		"several, in order":               {"172.16.0.0/255.240.0.0, 10.0.0.0/255.0.0.0", []string{"10.0.0.0/8", "172.16.0.0/12"}},
		"a name stays":                    {"LocalSubnet", []string{"LocalSubnet"}},
		"a range stays":                   {"10.0.0.1-10.0.0.9", []string{"10.0.0.1-10.0.0.9"}},
		"a mask that is no prefix's":      {"10.0.0.0/255.0.255.0", []string{"10.0.0.0/255.0.255.0"}},
		"a mask for IPv6 is not a prefix": {"fd00::/255.0.0.0", []string{"fd00::/255.0.0.0"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, parseRemotes(tt.text)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestARuleIsReadAsItWasWritten(t *testing.T) {
	tests := map[string]state.FirewallRule{
		"everything set": {
			Name: "kubelet", Description: "For the API server", Outbound: true, Block: true, Protocol: "TCP",
			Ports: []uint16{10250, 10255}, Remotes: []string{"10.0.0.0/8", "fd00::/64"}, Program: `C:\k\kubelet.exe`,
		},
		"nothing but a name": {Name: "any"},
		"another protocol":   {Name: "vxlan", Protocol: "UDP", Ports: []uint16{4789}},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			text, err := formatRule(want)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, parseRule(text)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", text, diff)
			}
		})
	}
}

func TestWhatARuleMeansBesideWhatCanBeSaidIsTold(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"a range of ports":     {"v2.10|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=5000-5010|Name=x|", "LPort=5000-5010"},
		"ports with a name":    {"v2.10|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=80|LPort=RPC|Name=x|", "LPort=80,RPC"},
		"ICMP":                 {"v2.10|Action=Allow|Active=TRUE|Dir=In|Protocol=1|Name=x|", "Protocol=1"},
		"no protocol at all":   {"v2.10|Action=Allow|Active=TRUE|Dir=In|Protocol=x|Name=x|", "Protocol=x"},
		"it is switched off":   {"v2.10|Action=Allow|Active=FALSE|Dir=In|Name=x|", "Active=FALSE"},
		"one kind of networks": {"v2.10|Action=Allow|Active=TRUE|Dir=In|Profile=Domain|Name=x|", "Profile=Domain"},
		"one of ours":          {"v2.30|Action=Allow|Active=TRUE|Dir=In|Name=x|EmbedCtxt=mullion|", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(parseRule(test.text).Other, "|"); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestARuleThatCannotBeKeptIsRefused(t *testing.T) {
	if text, err := formatRule(state.FirewallRule{Name: "a|Action=Block"}); err == nil {
		t.Errorf("got %s", text)
	}
}

func FuzzParseRule(f *testing.F) {
	f.Add("v2.10|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=80|RA4=10.0.0.0/255.0.0.0|App=C:\\x.exe|Name=x|Desc=y|")
	f.Add("RA4= ")
	f.Fuzz(func(t *testing.T, text string) {
		rule := parseRule(text)
		again, err := formatRule(rule)
		if err != nil {
			t.Fatalf("a rule that was read cannot be written: %v", err)
		}
		rule.Other = nil
		if reread := parseRule(again); !cmp.Equal(rule, reread) {
			t.Errorf("%+v became %+v", rule, reread)
		}
	})
}
