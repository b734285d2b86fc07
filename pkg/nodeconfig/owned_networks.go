package nodeconfig

import (
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// ownNetworks tells the agent which networks the provider makes in Windows, so that they go when the host is given back.
// The network of Windows' own, which every container runtime makes if it is missing, is nobody's.
func (b *builder) ownNetworks(names ...string) {
	for _, name := range names {
		if name != "" && !strings.EqualFold(name, state.DefaultNATNetwork) {
			b.desired.Networks = append(b.desired.Networks, state.ContainerNetwork{Name: name})
		}
	}
	slices.SortFunc(b.desired.Networks, func(a, b state.ContainerNetwork) int { return strings.Compare(a.Name, b.Name) })
}
