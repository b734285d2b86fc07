package cni_test

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/pkg/nodeconfig/cni"
)

func cluster() cni.Cluster {
	return cni.Cluster{
		PodCIDRs: []string{"10.244.0.0/16", "fd00:1::/48"}, ServiceCIDRs: []string{"10.96.0.0/12", "fd00:2::/112"},
		DNS: []string{"10.96.0.10"}, Domain: "cluster.local",
	}
}

func TestEveryNetworkIsJSONWithTheNameThatWindowsHas(t *testing.T) {
	subnet, err := cni.ParseOVNSubnet("10.132.0.0/24")
	if err != nil {
		t.Fatal(err)
	}
	for want, render := range map[string]func() (cni.File, error){
		"flannel.4100": func() (cni.File, error) { return cni.FlannelOverlay(cluster(), 4100, "10.0.0.5") },
		"cbr0":         func() (cni.File, error) { return cni.FlannelHostGateway(cluster(), "10.0.0.0/16", "10.0.0.5") },
		"Calico":       func() (cni.File, error) { return cni.Calico(cluster(), cni.CalicoOptions{NodeName: "n"}) },
		"OVNKubernetesHybridOverlayNetwork": func() (cni.File, error) {
			return cni.OVN(cluster(), subnet, "10.0.0.5")
		},
	} {
		t.Run(want, func(t *testing.T) {
			file, err := render()
			if err != nil {
				t.Fatal(err)
			}
			var got struct{ Name, CNIVersion string }
			if err := json.Unmarshal(file.Content, &got); err != nil {
				t.Fatal(err)
			}
			if got.Name != want || got.CNIVersion == "" {
				t.Errorf("got %+v", got)
			}
			for _, services := range cluster().ServiceCIDRs {
				if strings.Count(string(file.Content), services) < 2 {
					t.Errorf("Services in %s are masqueraded, or not seen by kube-proxy", services)
				}
			}
		})
	}
}

func TestKubeProxysAddressIsNoPods(t *testing.T) {
	for text, want := range map[string][3]string{
		"10.132.4.0/24": {"10.132.4.0/24", "10.132.4.254", "10.132.4.253"},
		"10.132.4.7/24": {"10.132.4.0/24", "10.132.4.254", "10.132.4.253"},
		"10.132.4.0/23": {"10.132.4.0/23", "10.132.5.254", "10.132.5.253"},
		"10.0.0.16/28":  {"10.0.0.16/28", "10.0.0.30", "10.0.0.29"},
	} {
		subnet, err := cni.ParseOVNSubnet(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := [3]string{subnet.Prefix.String(), subnet.SourceVIP.String(), subnet.Last.String()}; got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}

func TestASubnetThatCannotBeANodesIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":              "reading the node's subnet: ",
		"10.0.0.0":      "reading the node's subnet: ",
		"fd00::/64":     "the node's subnet fd00::/64 is not of IPv4: the hybrid overlay has no other",
		"10.132.4.0/29": "the node's subnet 10.132.4.0/29 is smaller than /28",
	} {
		if _, err := cni.ParseOVNSubnet(text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

// FuzzParseOVNSubnet shows that whatever an annotation says, addresses stay within the node's subnet.
func FuzzParseOVNSubnet(f *testing.F) {
	for _, seed := range []string{"10.132.4.0/24", "0.0.0.0/0", "255.255.255.255/28", "fd00::/64", "1.2.3.4/33"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		subnet, err := cni.ParseOVNSubnet(text)
		if err != nil {
			return
		}
		if !subnet.Prefix.Contains(subnet.SourceVIP) || !subnet.Prefix.Contains(subnet.Last) || !subnet.Last.Less(subnet.SourceVIP) {
			t.Errorf("%+v", subnet)
		}
		if subnet.Prefix.Addr() == (netip.Addr{}) {
			t.Error("no network")
		}
	})
}
