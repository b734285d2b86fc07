package winhost

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// Documents of the Host Compute Network service, as HNS is called in its second interface, see
// https://learn.microsoft.com/windows-server/networking/technologies/hcn/hcn-json-document-schemas. They have more in them
// with each release, and are read for what is needed: names match without regard to case, because the documentation
// and the service do not agree on them.

// natType is what the service leaves out, being the zero of its enumeration.
const natType = "NAT"

// parseNetworkIDs reads the list that HcnEnumerateNetworks returns.
func parseNetworkIDs(document string) ([]string, error) {
	if document == "" || document == "null" {
		return nil, nil
	}
	var ids []string
	if err := json.Unmarshal([]byte(document), &ids); err != nil {
		return nil, fmt.Errorf("reading the list of networks: %w", err)
	}
	for i, id := range ids {
		normal, ok := normalGUID(id)
		if !ok {
			return nil, fmt.Errorf("reading the list of networks: %q is no GUID", id)
		}
		ids[i] = normal
	}
	return ids, nil
}

// parseNetwork reads the document that HcnQueryNetworkProperties returns for the network of that ID.
func parseNetwork(id, document string) (state.HNSNetwork, error) {
	var read struct {
		Name  string
		Type  json.RawMessage
		Ipams []struct {
			Subnets []struct {
				IpAddressPrefix string //nolint:revive,staticcheck // As the service spells it.
			}
		}
	}
	network := state.HNSNetwork{ID: id}
	if err := json.Unmarshal([]byte(document), &read); err != nil {
		return network, fmt.Errorf("reading network %s: %w", id, err)
	}
	network.Name, network.Type = read.Name, networkType(read.Type)
	for _, ipam := range read.Ipams {
		for _, subnet := range ipam.Subnets {
			if prefix, err := netip.ParsePrefix(subnet.IpAddressPrefix); err == nil {
				network.Subnets = append(network.Subnets, prefix.String())
			}
		}
	}
	return network, nil
}

// networkType is shown and never depended on, so that a release that writes it otherwise does no harm.
func networkType(raw json.RawMessage) string {
	var name string
	switch err := json.Unmarshal(raw, &name); {
	case len(raw) == 0 || string(raw) == "null":
		return natType
	case err != nil:
		return strings.ToValidUTF8(string(raw), "")
	default:
		return name
	}
}

// failureIn is what a document about a failure says, in the language of the host; empty if it says nothing.
func failureIn(document string) string {
	var record struct{ Error string }
	if document == "" || json.Unmarshal([]byte(document), &record) != nil {
		return ""
	}
	return strings.Join(strings.Fields(record.Error), " ")
}

// normalGUID is a GUID in lower case without braces; false if the text is none.
func normalGUID(text string) (string, bool) {
	text = strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(text, "{"), "}"))
	const form = "00000000-0000-0000-0000-000000000000"
	if len(text) != len(form) {
		return "", false
	}
	for i := range len(form) {
		isDigit := strings.IndexByte("0123456789abcdef", text[i]) >= 0
		if (form[i] == '-') != (text[i] == '-') || form[i] == '0' && !isDigit {
			return "", false
		}
	}
	return text, true
}
