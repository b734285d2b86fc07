package winhost

import (
	"context"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/host"
)

// system is the host as a whole. The service is the name of the one that the program runs as, if it does.
type system struct{ service string }

var _ host.System = system{}

// Wait waits with a timer.
func (system) Wait(ctx context.Context, duration time.Duration) error {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
