package windowshost

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// yield gives a host its pods again that was cordoned and not drained yet, and its turn to another. Nothing was done to
// the host for which the pods would have to stay away.
type yield struct {
	client  client.Client
	drainer Drainer
	turns   Turns
}

func (s yield) do(ctx context.Context, p *pass) error {
	if p.node != nil {
		if err := s.drainer.Uncordon(ctx, p.node.Name); err != nil {
			return err
		}
		if err := markUpgrading(ctx, s.client, p.node, false); err != nil {
			return err
		}
	}
	p.host.Status.Disruption = nil
	// Others are not to be given the turn before the status says that it is free.
	p.afterwards = append(p.afterwards, func() { s.turns.Give(p.key()) })
	return nil
}
