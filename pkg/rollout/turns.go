package rollout

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// Gate says whether nodes can be taken out of service together without leaving a pod with nowhere to go, and if not, in a
// sentence without a full stop, which pod, with what image, and what would free it. It may take long: it asks registries.
type Gate func(ctx context.Context, nodes ...string) (open bool, message string, err error)

// Turns gives turns to hosts. There is one per process, and of several processes one works. It is safe for concurrent
// use.
//
// A turn is status.disruption, which whoever was given it writes before it disrupts anything. Until the cache shows that,
// the turn is remembered here. All else that is remembered only makes the order better: a process that has just
// started knows no less of who has a turn.
type Turns struct {
	reader  client.Reader
	gate    Gate
	clock   clock.PassiveClock
	metrics *Metrics

	// mu is held while is decided, never while the gate is asked: what is slow for one host holds up no other.
	mu     sync.Mutex
	memory memory
}

// NewTurns makes what gives turns. The reader is a cache of WindowsHosts and WindowsNodeConfigs; metrics may be nil.
func NewTurns(reader client.Reader, gate Gate, clock clock.PassiveClock, metrics *Metrics) *Turns {
	return &Turns{reader: reader, gate: gate, clock: clock, metrics: metrics, memory: newMemory(clock.Now())}
}

// maxLooks is how often a host is looked at anew because others had their turn while the gate was asked.
const maxLooks = 3

// Take asks for a turn, and gives it where the decision is that the host may go. A host that has one keeps it, which asks
// nobody. Whoever was given a turn and does not use it returns it with Give.
//
// The gate is asked last, and outside of the lock, about the node together with those of hosts that are leaving for good:
// pods that could go to either of two nodes can go nowhere when both are gone. If another was let go meanwhile that the
// gate did not know of, it is asked again.
func (t *Turns) Take(ctx context.Context, ask Ask) (Decision, error) {
	decision, err := t.take(ctx, ask)
	if err == nil {
		t.metrics.asked(decision)
	}
	return decision, err
}

func (t *Turns) take(ctx context.Context, ask Ask) (Decision, error) {
	var cleared []string // The nodes that the gate has said may be gone together.
	for range maxLooks {
		decision, nodes, err := t.look(ctx, ask, cleared)
		if err != nil || nodes == nil {
			return decision, err
		}
		open, message, err := t.gate(ctx, nodes...)
		if err != nil {
			return Decision{}, fmt.Errorf("asking what would become of the pods on node %s: %w", ask.Node, err)
		}
		if !open {
			decision = Decision{Reason: v1alpha1.ReasonWouldStrand, Message: "The host stays: " + message + ".", RetryAfter: askGateAgain}
			t.refused(ask, decision)
			return decision, nil
		}
		cleared = nodes
	}
	return Decision{
		Reason:     v1alpha1.ReasonAwaitingTurn,
		Message:    "Other hosts were let go while the pods on this one were looked at. It asks again.",
		RetryAfter: askAgain,
	}, nil
}

// askGateAgain is when a host asks again whose pods would be stranded. Images and workloads change without our being told.
const askGateAgain = time.Minute

// look decides, and gives the turn if the host may go and nobody has to be asked besides. Else it returns the nodes that the
// gate has to be asked about: what it has cleared covers them unless others were given a turn since.
func (t *Turns) look(ctx context.Context, ask Ask, cleared []string) (decision Decision, nodes []string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	v, err := t.view(ctx, ask)
	if err != nil {
		return Decision{}, nil, err
	}
	now := t.clock.Now()
	decision, err = Decide(ask.Policy.Spec.Rollout, v.hosts, v.candidate.Key, now)
	switch {
	case err != nil:
		return Decision{}, nil, err
	case !decision.May:
		t.memory.refuse(v.candidate.Key, now, decision.RetryAfter)
		return decision, nil, nil
	case v.candidate.Disruption != nil:
		return decision, nil, nil
	}
	if ask.Node != "" && ask.Reason != v1alpha1.DisruptionJoin {
		nodes = append([]string{ask.Node}, v.leaving...)
		if !isSubset(nodes, cleared) {
			return decision, nodes, nil
		}
	}
	t.memory.give(v.candidate.Key, ask.Policy.Name, turn{ask.Reason, ask.Digest, now})
	return decision, nil, nil
}

func isSubset(some, of []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(of, s) })
}

func (t *Turns) refused(ask Ask, decision Decision) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.memory.refuse(client.ObjectKeyFromObject(ask.Host), t.clock.Now(), decision.RetryAfter)
}

// Give returns a host's turn: it was used, and the status is written, or it is not going to be. A host without one
// returns nothing.
func (t *Turns) Give(host types.NamespacedName) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.memory.giveBack(host)
}
