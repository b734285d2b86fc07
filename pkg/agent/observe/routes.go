package observe

import (
	"context"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// routes reads the routes to a destination, and, once, to everywhere, since these tell what is desired.
func (o *observer) routes(ctx context.Context, destination string) error {
	for _, to := range []string{state.Everywhere, destination} {
		if _, seen := o.observed.Routes[to]; seen {
			continue
		}
		routes, err := o.host.Routes.Routes(ctx, to)
		if err != nil {
			return err
		}
		o.observed.Routes[to] = routes
	}
	return nil
}
