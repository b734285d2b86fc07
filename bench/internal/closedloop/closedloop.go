// Package closedloop loads a server with a fixed number of requests in flight.
package closedloop

import (
	"cmp"
	"context"
	"sync"
	"time"
)

// Run sends from several loops at once, each again as soon as it is answered, until the turn is over. It returns how
// long each answer took, and the first error of any loop, which ends that loop.
func Run(ctx context.Context, loops int, turn time.Duration, send func(context.Context) error) ([]time.Duration, error) {
	ends := time.Now().Add(turn)
	took := make([][]time.Duration, loops)
	failed := make([]error, loops)
	var running sync.WaitGroup
	for i := range loops {
		running.Go(func() {
			for start := time.Now(); start.Before(ends) && failed[i] == nil; start = time.Now() {
				failed[i] = send(ctx)
				took[i] = append(took[i], time.Since(start))
			}
		})
	}
	running.Wait()
	var all []time.Duration
	for i := range loops {
		all = append(all, took[i]...)
	}
	return all, cmp.Or(failed...)
}
