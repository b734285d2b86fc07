package state

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
)

// GatewayRoute is a destination that shall be reached through the gateway of the default route, by whatever interface that
// has: what a cloud's own services need, which are at addresses that Windows would otherwise look for on the link. A
// switch for containers takes the interface's address over, and routes that were bound to the interface are lost with it.
// It holds until the next boot, and so is set again after each.
type GatewayRoute struct {
	// Destination is an IPv4 prefix, such as 169.254.169.254/32.
	Destination string `json:"destination"`
	After       []ID   `json:"after,omitzero"`
}

// Everywhere is the destination of default routes by IPv4.
const Everywhere = "0.0.0.0/0"

// ID of the route, by its destination.
func (r GatewayRoute) ID() ID { return ID{KindRoute, r.Destination} }

// Following is what the resource is declared to come after.
func (r GatewayRoute) Following() []ID { return r.After }

func (r GatewayRoute) validate() error {
	prefix, err := netip.ParsePrefix(r.Destination)
	switch {
	case err != nil || prefix.String() != r.Destination || prefix != prefix.Masked():
		return fmt.Errorf("has the destination %q, which is not a prefix such as 169.254.169.254/32", r.Destination)
	case !prefix.Addr().Is4():
		return errors.New("has a destination that is not of IPv4")
	case prefix.Bits() == 0:
		return errors.New("is the default route, which is the host's own")
	}
	return nil
}

// Route is a way out.
type Route struct {
	// Network is the name of the interface.
	Network string `json:"network"`
	Gateway string `json:"gateway"`
}

func (r Route) String() string { return r.Gateway + " by " + r.Network }

// TheirRoutes are those of the routes that are not noted as ours.
func (r Record) TheirRoutes(routes []Route) []Route {
	return slices.DeleteFunc(slices.Clone(routes), func(route Route) bool { return slices.Contains(r.Routes, route) })
}
