package image

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/mullion-dev/mullion/pkg/image/keyring"
	"github.com/mullion-dev/mullion/pkg/image/reference"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// Resolver tells which platforms are behind image references. Safe for concurrent use.
type Resolver struct {
	options Options
	allowed allowlist
	cache   *cache
	// slots has room for the look-ups that may run at once.
	slots chan struct{}

	// background is what look-ups run under. It ends with Close.
	background context.Context //nolint:containedctx // The lifetime of look-ups is the resolver's.
	shutDown   context.CancelFunc
	work       sync.WaitGroup

	mu      sync.Mutex
	hosts   *hosts
	flights map[key]*flight
}

// New makes a resolver. Close ends it.
func New(o Options) (*Resolver, error) {
	o, err := o.complete()
	if err != nil {
		return nil, fmt.Errorf("reading options of image resolver: %w", err)
	}
	allowed, err := newAllowlist(o.AllowedRegistries)
	if err != nil {
		return nil, fmt.Errorf("reading options of image resolver: %w", err)
	}
	cache, err := newCache(o.MaxEntries, o.Clock.Now())
	if err != nil {
		return nil, err
	}
	hosts, err := newHosts(o)
	if err != nil {
		return nil, err
	}
	background, shutDown := context.WithCancel(context.Background())
	return &Resolver{
		options:    o,
		allowed:    allowed,
		cache:      cache,
		slots:      make(chan struct{}, o.MaxConcurrent),
		background: background,
		shutDown:   shutDown,
		hosts:      hosts,
		flights:    map[key]*flight{},
	}, nil
}

// Close ends all look-ups and waits for them. What is cached can still be asked for.
func (r *Resolver) Close() {
	r.mu.Lock() // No look-up starts between the end and the wait.
	r.shutDown()
	r.mu.Unlock()
	r.work.Wait()
}

// Resolve tells the facts of one image, for a caller who holds the credentials of a keyring, which may be
// nil. It takes no longer than the budget, nor than ctx lasts.
func (r *Resolver) Resolve(ctx context.Context, raw string, ring *keyring.Keyring) policy.ImageResult {
	if ready, ok := r.view(raw, ring); ok {
		return ready
	}
	result, waiting := r.begin(raw, ring) //nolint:contextcheck // A look-up outlives its caller.
	if waiting == nil {
		return result
	}
	ctx, cancel := r.withBudget(ctx)
	defer cancel()
	return r.wait(ctx, waiting)
}

// ResolveAll tells the facts of several images, keyed by the reference as given. The look-ups run side by
// side and share one budget.
func (r *Resolver) ResolveAll(ctx context.Context, raws []string, ring *keyring.Keyring) map[string]policy.ImageResult {
	results := make(map[string]policy.ImageResult, len(raws))
	var pending []*waiting
	for _, raw := range raws {
		if _, seen := results[raw]; seen {
			continue
		}
		ready, ok := r.view(raw, ring)
		if !ok {
			var w *waiting
			if ready, w = r.begin(raw, ring); w != nil { //nolint:contextcheck // A look-up outlives its caller.
				pending = append(pending, w)
			}
		}
		results[raw] = ready
	}
	if len(pending) == 0 {
		return results
	}
	ctx, cancel := r.withBudget(ctx)
	defer cancel()
	for _, w := range pending {
		results[w.raw] = r.wait(ctx, w)
	}
	return results
}

// view is the hot path: one look into one map.
func (r *Resolver) view(raw string, ring *keyring.Keyring) (policy.ImageResult, bool) {
	v, ok := r.cache.views.Get(viewKey{image: raw, keyring: ring.Fingerprint()})
	if !ok || !r.options.Clock.Now().Before(v.freshUntil) {
		return policy.ImageResult{}, false
	}
	r.options.Metrics.Answered(SourceCache, outcomeOf(v.result))
	return v.result, true
}

// waiting is a caller who waits for a look-up.
type waiting struct {
	raw    string
	image  reference.Reference
	ring   *keyring.Keyring
	flight *flight
}

// begin answers what can be answered at once. Otherwise it returns what to wait for.
func (r *Resolver) begin(raw string, ring *keyring.Keyring) (policy.ImageResult, *waiting) {
	image, err := reference.Parse(raw)
	if err != nil {
		return r.answered(SourceNone, policy.ImageResult{Problem: invalid(err)}), nil
	}
	if !r.allowed.allows(image.Registry()) {
		return r.answered(SourceNone, policy.ImageResult{Problem: notAllowed(image)}), nil
	}
	match := ring.Match(image)
	k := keyOf(image, match.Fingerprint)
	now := r.options.Clock.Now()
	last := r.cache.get(k, now)
	if last != nil && now.Before(last.freshUntil) {
		return r.answered(SourceCache, r.show(raw, ring, last)), nil
	}
	flight, problem := r.start(k, image, match)
	switch {
	case last != nil && now.Before(last.staleUntil):
		// The old answer is marked stale only once it could not be renewed.
		return r.answered(SourceExpired, last.result(raw, last.stale || problem != nil)), nil
	case problem != nil:
		return r.answered(SourceNone, policy.ImageResult{Problem: problem}), nil
	default:
		return policy.ImageResult{}, &waiting{raw: raw, image: image, ring: ring, flight: flight}
	}
}

// wait waits for a look-up until ctx ends. An answer that is there already is taken even then.
func (r *Resolver) wait(ctx context.Context, w *waiting) policy.ImageResult {
	select {
	case <-w.flight.done:
	case <-ctx.Done():
		select {
		case <-w.flight.done:
		default:
			return r.answered(SourceRegistry, policy.ImageResult{Problem: timedOut(w.image, r.options.Budget)})
		}
	}
	return r.answered(SourceRegistry, r.show(w.raw, w.ring, w.flight.answer))
}

// show puts a fresh answer into words and keeps them ready for the next who asks in the same way.
func (r *Resolver) show(raw string, ring *keyring.Keyring, a *answer) policy.ImageResult {
	raw = strings.Clone(raw) // What is kept must not hold on to the request that it came in.
	result := a.result(raw, a.stale)
	r.cache.views.Add(viewKey{image: raw, keyring: ring.Fingerprint()}, &view{result: result, freshUntil: a.freshUntil})
	return result
}

func (r *Resolver) answered(source Source, result policy.ImageResult) policy.ImageResult {
	r.options.Metrics.Answered(source, outcomeOf(result))
	return result
}

// withBudget ends a context with the budget, by the resolver's clock.
func (r *Resolver) withBudget(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	timer := r.options.Clock.AfterFunc(r.options.Budget, cancel)
	return ctx, func() {
		timer.Stop()
		cancel()
	}
}
