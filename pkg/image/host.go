package image

import (
	"context"
	"fmt"

	lru "github.com/hashicorp/golang-lru/v2"
)

// maxHosts is how many registries are kept account of. A pod can name any number of them.
const maxHosts = 1024

// host is what is known about one registry's load and health.
type host struct {
	breaker breaker
	// slots has room for the look-ups that may run at once.
	slots chan struct{}
	// queued counts look-ups that run or wait. Guarded by Resolver.mu.
	queued int
}

// hosts finds the host of a registry. Not safe for concurrent use.
type hosts struct {
	options Options
	byName  *lru.Cache[string, *host]
}

func newHosts(o Options) (*hosts, error) {
	byName, err := lru.New[string, *host](maxHosts)
	if err != nil {
		return nil, fmt.Errorf("making table of registries: %w", err)
	}
	return &hosts{options: o, byName: byName}, nil
}

func (h *hosts) get(registry string) *host {
	if found, ok := h.byName.Get(registry); ok {
		return found
	}
	made := &host{
		breaker: breaker{limit: h.options.BreakerFailures, coolDown: h.options.BreakerCoolDown},
		slots:   make(chan struct{}, h.options.MaxPerRegistry),
	}
	h.byName.Add(registry, made)
	return made
}

// acquire waits for a turn: first with the registry, so that those who wait for a slow one hold nothing that
// others need, then among all. The turn ends with release.
func (h *host) acquire(ctx context.Context, all chan struct{}) (release func(), err error) {
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case all <- struct{}{}:
		return func() { <-all; <-h.slots }, nil
	case <-ctx.Done():
		<-h.slots
		return nil, ctx.Err()
	}
}
