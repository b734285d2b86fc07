package host

import (
	"context"
	"errors"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// Networks is the networks of the Host Networking Service (HNS), which containers are on. Others make them. The service
// keeps them in a database of its own, so that what is deleted is durably so.
type Networks interface {
	// Networks are all networks, in any order; ErrNotAvailable where Windows has no such service.
	Networks(ctx context.Context) ([]state.HNSNetwork, error)
	// DeleteNetwork deletes the network of that ID, with the endpoints that are on it; nil also if it is not there.
	// Deleting the last one that uses an adapter gives the adapter back to the host, which interrupts its connections
	// for a few seconds.
	DeleteNetwork(ctx context.Context, id string) error
}

// ContainerNetworks are all networks; none, without an error, where there is no service to have any.
func (h Host) ContainerNetworks(ctx context.Context) ([]state.HNSNetwork, error) {
	networks, err := h.Networks.Networks(ctx)
	if errors.Is(err, ErrNotAvailable) {
		return nil, nil
	}
	return networks, err
}
