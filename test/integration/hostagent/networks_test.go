package hostagent

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/test/winhost"
)

// hnsKey is where the service has its networks on a host of package winhost.
const hnsKey = `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\hns\Networks`

// installHNS makes and starts the Host Networking Service, as the feature Containers and a boot would.
func (h host) installHNS() {
	h.t.Helper()
	program, err := probe()
	if err != nil {
		h.t.Fatal(err)
	}
	h.write(`C:\hns\hns.exe`, program)
	h.must(`C:\hns\hns.exe install hns , ,`)
	eventually(h.t, "the service runs, which nothing can begin to do while the host boots", func() bool {
		_, _, code, err := h.run(`net start hns`, nil)
		return err == nil && code == 0
	})
}

// makeNetwork makes a network, as a plugin does.
func (h host) makeNetwork(id, name, kind, subnet string) {
	h.t.Helper()
	document := fmt.Sprintf(`{"ID":"%s","Name":"%s","Type":"%s","Ipams":[{"Type":"Static","Subnets":[{"IpAddressPrefix":"%s"}]}]}`,
		strings.ToUpper(id), name, kind, subnet)
	file := `C:\hns\network.reg`
	h.write(file, []byte("REGEDIT4\r\n\r\n["+hnsKey+`\`+strings.ToUpper(id)+"]\r\n@=\""+strings.ReplaceAll(document, `"`, `\"`)+"\"\r\n"))
	h.must(`reg import ` + file)
}

func (h host) must(line string) {
	h.t.Helper()
	if stdout, stderr, code, err := h.run(line, nil); err != nil || code != 0 {
		h.t.Fatalf("%s: exit code %d, error %v: %s%s", line, code, err, stdout, stderr)
	}
}

func (h host) networks(want ...state.HNSNetwork) {
	h.t.Helper()
	if diff := cmp.Diff(want, h.expect(protocol.OutcomeDone, protocol.CommandFacts, nil).Facts.ContainerNetworks); diff != "" {
		h.t.Errorf("networks (-want +got):\n%s", diff)
	}
}

func TestNetworksOfPluginsGoAndThoseOfOthersStay(t *testing.T) {
	h := start(t, winhost.Options{})
	h.installHNS()
	nat := state.HNSNetwork{ID: "11111111-aaaa-4000-8000-00000000000a", Name: "nat", Type: "NAT", Subnets: []string{"172.20.0.0/16"}}
	theirs := state.HNSNetwork{
		ID: "22222222-aaaa-4000-8000-00000000000b", Name: "External", Type: "L2Bridge", Subnets: []string{"192.168.255.0/30"},
	}
	ours := state.HNSNetwork{
		ID: "33333333-aaaa-4000-8000-00000000000c", Name: "flannel.4096", Type: "Overlay", Subnets: []string{"10.244.3.0/24"},
	}
	h.networks()
	for _, network := range []state.HNSNetwork{nat, theirs} {
		h.makeNetwork(network.ID, network.Name, network.Type, network.Subnets[0])
	}
	h.networks(nat, theirs)

	desired := &state.Desired{
		Schema: state.Schema, Owner: "a test", Networks: []state.ContainerNetwork{{Name: "External"}, {Name: "flannel.4096"}},
	}
	h.expect(protocol.OutcomeDone, protocol.CommandApply, desired)
	h.makeNetwork(ours.ID, ours.Name, ours.Type, ours.Subnets[0])
	h.networks(nat, theirs, ours)
	if again := h.expect(protocol.OutcomeDone, protocol.CommandApply, desired); again.Done > 0 {
		t.Errorf("again: %s", actions(again.Plan))
	}
	h.expect(protocol.OutcomeDone, protocol.CommandRemove, nil)
	h.networks(nat, theirs)
}

func TestAHostWithoutTheHostNetworkingServiceHasNoNetworks(t *testing.T) {
	h := start(t, winhost.Options{})
	desired := &state.Desired{Schema: state.Schema, Owner: "a test", Networks: []state.ContainerNetwork{{Name: "cbr0"}}}
	h.networks()
	h.expect(protocol.OutcomeDone, protocol.CommandApply, desired)
	h.expect(protocol.OutcomeDone, protocol.CommandRemove, nil)
}
