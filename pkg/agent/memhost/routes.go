package memhost

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// table is the routes by their destinations, the preferred one first.
type table struct {
	active map[string][]state.Route
	// persistent come back with each boot, as far as their interfaces are there.
	persistent map[string][]state.Route
	interfaces []string
}

func newTable() table {
	way := map[string][]state.Route{state.Everywhere: {{Network: "Ethernet", Gateway: "192.0.2.1"}}}
	return table{active: way, persistent: maps.Clone(way), interfaces: []string{"Ethernet"}}
}

func (t table) clone() table {
	return table{
		active: maps.Clone(t.active), persistent: maps.Clone(t.persistent), interfaces: slices.Clone(t.interfaces),
	}
}

func (t *table) boot() { t.active = maps.Clone(t.persistent) }

// add and remove never change a list in place: clones share them.
func (t *table) add(destination string, route state.Route) {
	if !slices.Contains(t.active[destination], route) {
		t.active[destination] = append(slices.Clip(t.active[destination]), route)
	}
}

func (t *table) remove(destination string, route state.Route) {
	left := slices.DeleteFunc(slices.Clone(t.active[destination]), func(other state.Route) bool { return other == route })
	if t.active[destination] = left; len(left) == 0 {
		delete(t.active, destination)
	}
}

// MakeRoutePersistent is Windows, or somebody, setting a route that comes back with each boot.
func (m *Machine) MakeRoutePersistent(destination string, route state.Route) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.table.add(destination, route)
	m.table.persistent[destination] = append(slices.Clip(m.table.persistent[destination]), route)
}

// SwitchAdapter is a switch for containers taking over the address of the only interface, or giving it back: the default
// route moves, now and after each boot, and all other routes are lost.
func (m *Machine) SwitchAdapter(to string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	way := []state.Route{{Network: to, Gateway: m.table.active[state.Everywhere][0].Gateway}}
	m.table.active = map[string][]state.Route{state.Everywhere: way}
	m.table.persistent[state.Everywhere] = way
	m.table.interfaces = []string{to}
}

// LoseDefaultRoute is a host that has no lease yet.
func (m *Machine) LoseDefaultRoute() {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.table.active, state.Everywhere)
}

type routes struct{ m *Machine }

var _ host.Routes = routes{}

func (r routes) Routes(_ context.Context, destination string) ([]state.Route, error) {
	r.m.mu.Lock()
	defer r.m.mu.Unlock()
	if err := r.m.read("Routes", destination); err != nil {
		return nil, err
	}
	return slices.Clone(r.m.table.active[destination]), nil
}

func (r routes) AddRoute(_ context.Context, destination string, route state.Route) error {
	r.m.mu.Lock()
	defer r.m.mu.Unlock()
	if err := r.m.change("AddRoute", destination); err != nil {
		return err
	}
	if !slices.Contains(r.m.table.interfaces, route.Network) {
		return fmt.Errorf("adding the route to %s: interface %s: %w", destination, route.Network, fs.ErrNotExist)
	}
	r.m.table.add(destination, route)
	return nil
}

func (r routes) DeleteRoute(_ context.Context, destination string, route state.Route) error {
	return alter(r.m, "DeleteRoute", destination, func(string) { r.m.table.remove(destination, route) })
}
