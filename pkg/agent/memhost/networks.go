package memhost

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// hns is the Host Networking Service. It comes with the feature Containers, and what it has is durable at once.
type hns struct {
	networks []state.HNSNetwork
	// made counts all networks that ever were, so that no two have one ID.
	made int
	// plugins are the networks that services make when they start, unless there is one of that name, by service's key.
	plugins map[string][]state.HNSNetwork
}

func (h hns) clone() hns {
	h.networks = slices.Clone(h.networks)
	h.plugins = maps.Clone(h.plugins)
	return h
}

func (h *hns) make(network state.HNSNetwork) string {
	h.made++
	network.ID = fmt.Sprintf("00000000-0000-4000-8000-%012d", h.made)
	h.networks = append(h.networks, network)
	return network.ID
}

// started is a service that makes its networks.
func (h *hns) started(service string) {
	for _, network := range h.plugins[service] {
		if len(state.NetworksNamed(h.networks, network.Name)) == 0 {
			h.make(network)
		}
	}
}

// MakeNetwork is somebody making a network. It returns its ID.
func (m *Machine) MakeNetwork(network state.HNSNetwork) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.hns.make(network)
}

// MakesNetwork lets a service make a network whenever it starts and there is none of that name.
func (m *Machine) MakesNetwork(service string, network state.HNSNetwork) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := winpath.Fold(service)
	m.hns.plugins[key] = append(slices.Clone(m.hns.plugins[key]), network)
}

// EnableFeature is the admin enabling a feature, with the boot that it needs.
func (m *Machine) EnableFeature(name string) {
	m.mu.Lock()
	m.hive.features[winpath.Fold(name)] = named[state.FeatureState]{name, state.FeatureEnabled}
	m.mu.Unlock()
	m.Reboot()
}

func (m *Machine) hasHNS() bool { return m.hive.features["CONTAINERS"].value == state.FeatureEnabled }

type networks struct{ m *Machine }

var _ host.Networks = networks{}

func (n networks) Networks(context.Context) ([]state.HNSNetwork, error) {
	n.m.mu.Lock()
	defer n.m.mu.Unlock()
	if err := n.m.read("Networks", ""); err != nil {
		return nil, err
	}
	if !n.m.hasHNS() {
		return nil, fmt.Errorf("listing networks: %w", host.ErrNotAvailable)
	}
	return slices.Clone(n.m.hns.networks), nil
}

func (n networks) DeleteNetwork(_ context.Context, id string) error {
	n.m.mu.Lock()
	defer n.m.mu.Unlock()
	if err := n.m.change("DeleteNetwork", id); err != nil {
		return err
	}
	if !n.m.hasHNS() {
		return fmt.Errorf("deleting network %s: %w", id, host.ErrNotAvailable)
	}
	n.m.hns.networks = slices.DeleteFunc(n.m.hns.networks, func(network state.HNSNetwork) bool { return network.ID == id })
	return nil
}
