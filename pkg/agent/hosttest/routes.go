package hosttest

import (
	"io/fs"
	"slices"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// routeContracts set routes to addresses that are for documentation, where nobody is.
func routeContracts() map[string]contract {
	const destination = "198.51.100.7/32"
	return map[string]contract{
		"a route is there until it is deleted, beside others, and once": func(c *check) {
			way := c.wayOut()
			c.equal("before", 0, len(c.routes(destination)))
			other := state.Route{Network: way.Network, Gateway: "0.0.0.0"}
			for range 2 {
				c.route(destination, way)
			}
			c.equal("routes", []state.Route{way}, c.routes(destination))
			c.route(destination, other)
			if both := c.routes(destination); len(both) != 2 || !slices.Contains(both, way) || !slices.Contains(both, other) {
				c.wrong("the routes are %v", both)
			}
			for range 2 {
				c.must(c.Host.Routes.DeleteRoute(c.ctx(), destination, way))
			}
			c.equal("what is left", []state.Route{other}, c.routes(destination))
			c.equal("the way out", way, c.wayOut())
		},
		"a route by an interface that is not there cannot be added, and needs not be deleted": func(c *check) {
			nowhere := state.Route{Network: "Mullion No Such Interface", Gateway: "192.0.2.1"}
			c.is("AddRoute", c.Host.Routes.AddRoute(c.ctx(), destination, nowhere), fs.ErrNotExist)
			c.must(c.Host.Routes.DeleteRoute(c.ctx(), destination, nowhere))
		},
		"the default route that facts tell is the preferred one": func(c *check) {
			if facts := c.facts(); facts.DefaultRoute != nil {
				c.equal("the default route", c.wayOut(), *facts.DefaultRoute)
			}
		},
	}
}

func (c *check) routes(destination string) []state.Route {
	routes, err := c.Host.Routes.Routes(c.ctx(), destination)
	c.must(err)
	return routes
}

// wayOut is the host's default route, without which there is no test.
func (c *check) wayOut() state.Route {
	ways := c.routes(state.Everywhere)
	if len(ways) == 0 {
		c.must(fs.ErrNotExist)
	}
	return ways[0]
}

// route adds a route that goes with the test.
func (c *check) route(destination string, route state.Route) {
	c.must(c.Host.Routes.AddRoute(c.ctx(), destination, route))
	c.t.Cleanup(func() { _ = c.Host.Routes.DeleteRoute(c.t.Context(), destination, route) })
}
