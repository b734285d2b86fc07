package apply_test

import (
	"context"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
)

// endsSoon has kubelet end as soon as it runs, as one does that finds its configuration wrong.
type endsSoon struct {
	host.Services
	m *memhost.Machine
}

func (e endsSoon) Start(ctx context.Context, name string) error {
	if err := e.Services.Start(ctx, name); err != nil || name != "kubelet" {
		return err
	}
	e.m.Crash(name)
	return nil
}
