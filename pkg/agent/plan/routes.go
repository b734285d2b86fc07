package plan

import (
	"fmt"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// WayOut is the preferred default route by IPv4; false where there is none, or none with a gateway.
func WayOut(observed state.Observed) (state.Route, bool) {
	for _, route := range observed.Routes[state.Everywhere] {
		if route.Gateway != "0.0.0.0" {
			return route, true
		}
	}
	return state.Route{}, false
}

// diffRoute compares the ways to a destination with the one that is desired. Without a default route nothing is: a host
// that has just booted may still wait for its lease.
func diffRoute(route state.GatewayRoute, observed state.Observed) Difference {
	want, known := WayOut(observed)
	if !known {
		return Difference{Exists: true}
	}
	is := observed.Routes[route.Destination]
	difference := Difference{Exists: len(is) > 0}
	difference.add("gateway", showRoutes(is), want.String())
	return difference
}

func showRoutes(routes []state.Route) string {
	shown := make([]string, len(routes))
	for i, route := range routes {
		shown[i] = route.String()
	}
	return strings.Join(shown, ", ")
}

// noteRoute says why nothing is done about a route.
func (p *planner) noteRoute(id state.ID) {
	if _, known := WayOut(p.Observed); !known {
		p.notes = append(p.notes, fmt.Sprintf("%s waits for a default route with a gateway.", id))
	}
}

// hasRouteOfOurs tells whether a route that we have set is still there.
func (p *planner) hasRouteOfOurs(record state.Record) bool {
	is := p.Observed.Routes[record.ID.Name]
	return len(record.TheirRoutes(is)) < len(is)
}

// orderDeletionOfRoute has a route go after the networks that have taken an interface away are gone: what was there
// before us may need that interface.
func (p *planner) orderDeletionOfRoute(deletion stepKey) {
	for _, network := range p.deleted(state.KindNetwork) {
		p.graph.order(stepKey{phaseDelete, network.Key()}, deletion)
	}
}
