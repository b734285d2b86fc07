package host

import (
	"context"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// Routes is the routing table by IPv4, as it is in force. What is changed there holds until the next boot, and is not
// durable; routes that Windows has made persistent come back with the boot, whatever was deleted.
type Routes interface {
	// Routes are those to exactly that destination, the preferred one first; none, without an error, if there are none. One
	// without a gateway has 0.0.0.0 as its gateway.
	Routes(ctx context.Context, destination string) ([]state.Route, error)
	// AddRoute adds a route beside others to that destination; nil also if it is there. It is fs.ErrNotExist if there is no
	// such interface.
	AddRoute(ctx context.Context, destination string, route state.Route) error
	// DeleteRoute deletes it; nil also if it, or its interface, is not there.
	DeleteRoute(ctx context.Context, destination string, route state.Route) error
}
