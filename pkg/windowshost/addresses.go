package windowshost

import (
	"net/netip"
	"slices"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

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
	for _, address := range slices.Compact(all) {
		texts = append(texts, address.String())
	}
	return texts
}
