package gate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/pkg/impact"
	"github.com/mullion-dev/mullion/pkg/impact/inventory"
	"github.com/mullion-dev/mullion/pkg/policy"
)

const (
	// readTimeout bounds the reading of pods and what they are made from.
	readTimeout = 30 * time.Second
	// defaultImageTimeout bounds the asking of registries. What is not known by then closes the gate; it is asked
	// again soon, and look-ups that take longer have ended by then.
	defaultImageTimeout = 10 * time.Second
)

// Options configure a [Gate].
type Options struct {
	// Reader reads pods, namespaces and controllers. It must not be a cache: what it has not seen yet would be
	// stranded.
	Reader client.Reader
	// Snapshot is the newest snapshot, and nil while there is none of everything.
	Snapshot func() *policy.Snapshot
	// Images tells about images.
	Images impact.Images
	// ImageTimeout bounds the asking of registries; zero stands for ten seconds.
	ImageTimeout time.Duration
	// Registry is where metrics are registered.
	Registry prometheus.Registerer
}

// Gate may be asked by several goroutines at once.
type Gate struct {
	options Options
	metrics *metrics
}

// New makes a gate. The error is one of registering metrics.
func New(o Options) (*Gate, error) {
	if o.ImageTimeout <= 0 {
		o.ImageTimeout = defaultImageTimeout
	}
	m, err := newMetrics(o.Registry)
	if err != nil {
		return nil, err
	}
	return &Gate{options: o, metrics: m}, nil
}

// Ask tells whether the pods of nodes have somewhere to go if all these nodes are gone. Who wants to know of one node
// while others are leaving for good names them all: each would else be counted on by the pods of the other. Names that no
// node has do no harm.
//
// It takes 40 seconds at most. An error means that there is no answer, because the API server cannot be read or because
// policies and nodes have not been read yet; the nodes have to stay then, too.
func (g *Gate) Ask(ctx context.Context, nodes ...string) (Verdict, error) {
	began := time.Now()
	verdict, err := g.ask(ctx, nodes)
	g.metrics.answered(time.Since(began), &verdict, err)
	if err != nil {
		return Verdict{}, fmt.Errorf("asking whether the pods of %s have somewhere to go: %w", strings.Join(nodes, ", "), err)
	}
	return verdict, nil
}

func (g *Gate) ask(ctx context.Context, nodes []string) (Verdict, error) {
	now := g.options.Snapshot()
	if now == nil {
		return Verdict{}, errors.New("policies and nodes have not been read yet")
	}
	then, err := without(now, nodes)
	if err != nil {
		return Verdict{}, err
	}
	reading, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	workloads, err := inventory.CollectNodes(reading, g.options.Reader, nodes)
	if err != nil {
		return Verdict{}, err
	}
	images := g.resolve(ctx, workloads, now, then)
	if err := ctx.Err(); err != nil {
		return Verdict{}, err // What was cut off is no registry's fault.
	}
	inquiry := &inquiry{now: now, then: then, images: images}
	for _, w := range workloads {
		if err := inquiry.add(w); err != nil {
			return Verdict{}, err
		}
	}
	return inquiry.verdict(), nil
}

// without is the cluster without nodes. Those that it does not know are gone from it already.
func without(now *policy.Snapshot, nodes []string) (*policy.Snapshot, error) {
	var removed []string
	for _, node := range nodes {
		if _, known := now.Fleet().BuildOf(node); known {
			removed = append(removed, node)
		}
	}
	then, err := now.Assume(&policy.Assumption{RemovedNodes: removed})
	if err != nil {
		return nil, fmt.Errorf("supposing that they are gone: %w", err)
	}
	return then, nil
}

// resolve asks about the workloads' images with the credentials of their own namespaces, as admission will.
func (g *Gate) resolve(ctx context.Context, workloads []*impact.Workload, now, then *policy.Snapshot) impact.ByNamespace {
	asking, cancel := context.WithTimeout(ctx, g.options.ImageTimeout)
	defer cancel()
	return impact.ResolveByNamespace(asking, g.options.Images, workloads, []*policy.Snapshot{now, then}, nil, impact.ResolveOptions{})
}
