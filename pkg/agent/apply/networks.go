package apply

import (
	"context"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// setNetwork notes which networks of that name are somebody else's: those that are there before anything of ours runs.
func (r *runner) setNetwork(ctx context.Context, network state.ContainerNetwork) error {
	record, known := r.record(network.ID())
	if known {
		return nil
	}
	there, err := r.Host.ContainerNetworks(ctx)
	if err != nil {
		return err
	}
	for _, kept := range state.NetworksNamed(there, network.Name) {
		record.Kept = append(record.Kept, kept.ID)
	}
	return r.session.Own(record)
}

// takeBackNetwork deletes the networks of a name that were not there before us.
func (r *runner) takeBackNetwork(ctx context.Context, record state.Record) error {
	there, err := r.Host.ContainerNetworks(ctx)
	if err != nil {
		return err
	}
	for _, gained := range record.Gained(there) {
		if err := r.Host.Networks.DeleteNetwork(ctx, gained.ID); err != nil {
			return err
		}
	}
	return nil
}
