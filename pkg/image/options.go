package image

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/utils/clock"

	"github.com/mullion-dev/mullion/pkg/image/registry"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// Client asks a registry; [registry.Client] does. An error that is not a [registry.Error] counts as an outage.
type Client interface {
	Lookup(ctx context.Context, query registry.Query) (*policy.Image, error)
}

// Options of a resolver. Zero values stand for the defaults, in parentheses; only Client is required.
type Options struct {
	Client Client

	// AllowedRegistries are the hosts that may be asked: "registry.example.com", "registry.local:5000", or
	// "*.example.com" for every host below that domain. Empty means any. The list is about references; to
	// where a registry redirects or where it hands out tokens is its own affair.
	AllowedRegistries []string

	// Budget is how long a caller waits for a look-up (1.5 s). It must be well below the webhook's timeout.
	Budget time.Duration
	// LookupTimeout is how long a look-up may take in all, waiting its turn included (30 s).
	LookupTimeout time.Duration

	// MaxConcurrent is how many look-ups run at once (32), and MaxPerRegistry how many of them for one
	// registry (8), so that a slow one leaves room for the others.
	MaxConcurrent  int
	MaxPerRegistry int
	// MaxQueued is how many look-ups may run or wait their turn (1024), and MaxQueuedPerRegistry how many of
	// them for one registry (256). Beyond that the answer is at once that the registry is busy.
	MaxQueued            int
	MaxQueuedPerRegistry int

	// MaxEntries is how many images are remembered (50,000), the least recently asked for making room.
	MaxEntries int
	Lifetimes  Lifetimes

	// BreakerFailures is after how many outages in a row a registry is left alone (5), and BreakerCoolDown
	// for how long (10 s), unless the registry itself asks for longer. Then one look-up is let through.
	BreakerFailures int
	BreakerCoolDown time.Duration

	// Clock is the time (the real one).
	Clock clock.WithDelayedExecution
	// Metrics is told what happens (nobody).
	Metrics Metrics
}

// Lifetimes say how long answers are good for.
type Lifetimes struct {
	// Tag (5 min) and Digest (24 h) are for images. A tag's varies by up to a tenth, so that images which
	// were first seen together are not all asked for together again.
	Tag    time.Duration
	Digest time.Duration
	// Stale is how long after that an answer may still be given while it is renewed or while the registry
	// cannot be asked (1 h).
	Stale time.Duration
	// Problem (30 s) is for what the registry says of the image: not found, unauthorized, malformed.
	// Outage (10 s) is for when it says nothing.
	Problem time.Duration
	Outage  time.Duration
}

var errNoClient = errors.New("no client to ask registries with")

// complete fills in defaults and refuses what makes no sense.
func (o Options) complete() (Options, error) {
	if o.Client == nil {
		return o, errNoClient
	}
	o.Budget = cmp.Or(o.Budget, 1500*time.Millisecond)
	o.LookupTimeout = cmp.Or(o.LookupTimeout, 30*time.Second)
	o.MaxConcurrent = cmp.Or(o.MaxConcurrent, 32)
	o.MaxPerRegistry = cmp.Or(o.MaxPerRegistry, 8)
	o.MaxQueued = cmp.Or(o.MaxQueued, 1024)
	o.MaxQueuedPerRegistry = cmp.Or(o.MaxQueuedPerRegistry, 256)
	o.MaxEntries = cmp.Or(o.MaxEntries, 50_000)
	o.BreakerFailures = cmp.Or(o.BreakerFailures, 5)
	o.BreakerCoolDown = cmp.Or(o.BreakerCoolDown, 10*time.Second)
	o.Lifetimes = o.Lifetimes.complete()
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
	if o.Metrics == nil {
		o.Metrics = noMetrics{}
	}
	if o.LookupTimeout < o.Budget {
		return o, fmt.Errorf("look-up timeout %s is shorter than the budget %s that a caller waits for it", o.LookupTimeout, o.Budget)
	}
	for name, value := range map[string]int{
		"concurrent look-ups": o.MaxConcurrent, "concurrent look-ups for one registry": o.MaxPerRegistry,
		"queued look-ups": o.MaxQueued, "queued look-ups for one registry": o.MaxQueuedPerRegistry,
		"entries": o.MaxEntries, "failures before a registry is left alone": o.BreakerFailures,
	} {
		if value < 0 {
			return o, fmt.Errorf("number of %s is negative: %d", name, value)
		}
	}
	return o, nil
}

func (l Lifetimes) complete() Lifetimes {
	return Lifetimes{
		Tag:     cmp.Or(l.Tag, 5*time.Minute),
		Digest:  cmp.Or(l.Digest, 24*time.Hour),
		Stale:   cmp.Or(l.Stale, time.Hour),
		Problem: cmp.Or(l.Problem, 30*time.Second),
		Outage:  cmp.Or(l.Outage, 10*time.Second),
	}
}
