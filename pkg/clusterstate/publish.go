package clusterstate

import (
	"time"

	"github.com/mullion-dev/mullion/pkg/policy"
)

// NodeInterval is the least time from one compilation of the fleet to the next.
const NodeInterval = 200 * time.Millisecond

// compileRest bounds the share of a processor that a fleet in constant change can take: the next compilation
// begins no sooner than this many times the duration of the last after its start, so at most every fourth
// moment is spent compiling.
const compileRest = 4

// publisher compiles what has changed in a tracker's collections and publishes it. It keeps the compiled
// parts, so that those which did not change are used again. It is for one goroutine.
type publisher struct {
	tracker *Tracker

	policies *policy.Policies
	fleet    *policy.Fleet
	classes  []policy.RuntimeClass
	counts   counts
	// fleetDue is when the fleet may be compiled again.
	fleetDue time.Time
}

// publish compiles the parts that have changed and are due, and publishes a snapshot if there was one. It
// returns how long to wait for what is not due yet, and zero where nothing is left.
func (p *publisher) publish(now time.Time) time.Duration {
	changed := false
	if p.tracker.policies.pending() {
		p.compilePolicies()
		changed = true
	}
	if p.tracker.classes.pending() {
		p.classes = p.tracker.classes.take()
		p.counts.classes = len(p.classes)
		changed = true
	}
	wait := time.Duration(0)
	if p.tracker.nodes.pending() {
		if wait = max(0, p.fleetDue.Sub(now)); wait == 0 {
			p.compileFleet(now)
			changed = true
		}
	}
	if changed {
		p.tracker.replace(policy.NewSnapshot(p.policies, p.fleet, p.classes))
		p.tracker.metrics.show(p.counts) // Not before: what is shown is what is in force.
	}
	return wait
}

func (p *publisher) compilePolicies() {
	all := p.tracker.policies.take()
	compiled := make([]*policy.Policy, 0, len(all))
	for _, one := range all {
		if one.err == nil {
			compiled = append(compiled, one.policy)
		}
	}
	p.policies = policy.NewPolicies(compiled)
	p.counts.policies, p.counts.rejected = len(compiled), len(all)-len(compiled)
}

func (p *publisher) compileFleet(now time.Time) {
	start := time.Now()
	nodes := p.tracker.nodes.take()
	p.fleet = policy.CompileCompact(nodes)
	took := time.Since(start)
	p.fleetDue = now.Add(max(NodeInterval, compileRest*took))
	p.counts.nodes = len(nodes)
	p.tracker.metrics.fleetSeconds.Observe(took.Seconds())
}

// replace publishes a snapshot and tells those who wait for one.
func (t *Tracker) replace(snapshot *policy.Snapshot) {
	old := t.current.Swap(&publication{snapshot: snapshot, replaced: make(chan struct{})})
	close(old.replaced)
}
