package state

import (
	"errors"
	"slices"
	"strings"
)

// ContainerNetwork is a network of the Host Networking Service that others make while the host is ours: a network plugin,
// or what it is told by. We never make it. What has that name before we come stays; what has got it since goes with us.
type ContainerNetwork struct {
	// Name is compared with regard to case, as those who look networks up by name do.
	Name  string `json:"name"`
	After []ID   `json:"after,omitzero"`
}

// HNSNetwork is a network that the Host Networking Service has.
type HNSNetwork struct {
	// ID is a GUID in lower case, without braces. A network that is made again has another one.
	ID string `json:"id"`
	// Name may be that of other networks as well.
	Name string `json:"name,omitzero"`
	// Type is such as NAT, L2Bridge or Overlay.
	Type string `json:"type,omitzero"`
	// Subnets are in CIDR notation.
	Subnets []string `json:"subnets,omitzero"`
}

// withoutKept returns the networks of a name whose IDs are not among those that are kept.
func withoutKept(networks []HNSNetwork, name string, kept []string) []HNSNetwork {
	var left []HNSNetwork
	for _, network := range networks {
		if network.Name == name && !slices.Contains(kept, network.ID) {
			left = append(left, network)
		}
	}
	return left
}

// NetworksNamed are the networks of that name.
func NetworksNamed(networks []HNSNetwork, name string) []HNSNetwork {
	return withoutKept(networks, name, nil)
}

// Gained are the networks of the record's name that were not there before us.
func (r Record) Gained(networks []HNSNetwork) []HNSNetwork {
	return withoutKept(networks, r.ID.Name, r.Kept)
}

// maxNetworkName is far beyond the names that plugins use; Windows shows them as names of adapters.
const maxNetworkName = 128

func (n ContainerNetwork) validate() error {
	switch {
	case len(n.Name) > maxNetworkName:
		return errors.New("is longer than 128 bytes")
	case strings.TrimSpace(n.Name) != n.Name:
		return errors.New("starts or ends with a space")
	case strings.EqualFold(n.Name, DefaultNATNetwork):
		return errors.New("is the network that Windows and every container runtime make for themselves")
	}
	return checkName(n.Name)
}

// DefaultNATNetwork is the network that Windows makes for containers, and every container runtime if it is missing:
// nobody can tell whose it is.
const DefaultNATNetwork = "nat"

// ID of the network, by its name.
func (n ContainerNetwork) ID() ID { return ID{KindNetwork, n.Name} }

// Following is what the resource is declared to come after.
func (n ContainerNetwork) Following() []ID { return n.After }
