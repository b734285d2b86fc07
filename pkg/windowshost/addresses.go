package windowshost

import (
	"net/netip"
	"slices"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// maxAddresses is how many addresses of a host are believed. What has more is no host.
const maxAddresses = 256

// addresses are those at which others can reach the host, sorted: not the loopback's, nor those of one link.
func addresses(facts *state.Facts) []string {
	var all []netip.Addr
	for _, network := range facts.Networks {
		for _, text := range network.Addresses {
			prefix, err := netip.ParsePrefix(text)
			if err == nil && prefix.Addr().IsGlobalUnicast() {
				all = append(all, prefix.Addr().WithZone(""))
			}
		}
	}
	slices.SortFunc(all, netip.Addr.Compare)
	texts := make([]string, 0, len(all))
	all = slices.Compact(all)
	for _, address := range all[:min(len(all), maxAddresses)] {
		texts = append(texts, address.String())
	}
	return texts
}
