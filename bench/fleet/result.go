package main

import (
	"fmt"
	"time"

	"github.com/mullion-dev/mullion/bench/internal/usage"
)

// result is what the node manager was measured with.
type result struct {
	// first are the hosts that joined in joining, and hosts all of them, of which the others joined in rest.
	first, hosts  int
	joining, rest time.Duration
	// used was used in window, with all hosts at rest, and memory is what was resident at its end.
	window time.Duration
	used   reading
	memory usage.Memory
}

func (r result) String() string {
	minutes := r.window.Minutes()
	return fmt.Sprintf("  %d hosts made known at once are Ready after %6.1f s; %d more after %.0f s\n"+
		"  %d hosts at rest, for %v:\n"+
		"    CPU                                %8.2f s a minute\n"+
		"    resident                           %8d MiB, at most %d MiB\n"+
		"    requests to the API server         %8.0f a minute\n"+
		"    over SSH, in both directions       %8.1f MiB a minute\n",
		r.first, r.joining.Seconds(), r.hosts-r.first, r.rest.Seconds(), r.hosts, r.window,
		r.used.cpu.Seconds()/minutes, r.memory.Resident>>20, r.memory.Peak>>20, r.used.requests/minutes,
		float64(r.used.bytes)/minutes/(1<<20))
}
