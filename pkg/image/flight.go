package image

import (
	"context"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/mullion-dev/mullion/pkg/image/keyring"
	"github.com/mullion-dev/mullion/pkg/image/reference"
	"github.com/mullion-dev/mullion/pkg/image/registry"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// flight is a look-up under way, which any number of callers may wait for.
type flight struct {
	// done is closed when answer is set.
	done   chan struct{}
	answer *answer
}

func landed(a *answer) *flight {
	f := &flight{done: make(chan struct{}), answer: a}
	close(f.done)
	return f
}

// start returns the look-up that is under way for a key, or starts it. It never waits. A problem means that
// no look-up can be started now.
func (r *Resolver) start(k key, image reference.Reference, match keyring.Match) (*flight, *policy.ImageProblem) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f, ok := r.flights[k]; ok {
		return f, nil
	}
	now := r.options.Clock.Now()
	// It may have landed since the caller looked.
	last := r.cache.get(k, now)
	if last != nil && now.Before(last.freshUntil) {
		return landed(last), nil
	}
	host := r.hosts.get(image.Registry())
	if problem := r.refuse(host, image, now); problem != nil {
		return nil, problem
	}
	f := &flight{done: make(chan struct{})}
	r.flights[k] = f
	host.queued++
	r.work.Add(1)
	go r.fly(f, k, host, question{image: image, credentials: match.Credentials, last: last})
	return f, nil
}

// question is what a look-up is about.
type question struct {
	image       reference.Reference
	credentials []authn.AuthConfig
	// last is the answer that is to be renewed, or nil.
	last *answer
}

// fly does the look-up and remembers its answer.
func (r *Resolver) fly(f *flight, k key, h *host, q question) {
	defer r.work.Done()
	ctx, cancel := context.WithCancel(r.background)
	defer cancel()
	timer := r.options.Clock.AfterFunc(r.options.LookupTimeout, cancel)
	defer timer.Stop()

	started := r.options.Clock.Now()
	image, err := r.lookup(ctx, h, q)
	now := r.options.Clock.Now()
	a := r.settle(q, image, err, now)

	r.mu.Lock()
	// What a look-up that was cut off by shutting down says is no answer.
	if r.background.Err() == nil {
		r.cache.put(k, a)
	}
	delete(r.flights, k)
	h.queued--
	r.mu.Unlock()

	r.options.Metrics.LookedUp(outcomeOf(policy.ImageResult{Problem: a.problem}), now.Sub(started))
	f.answer = a
	close(f.done)
}

// lookup waits its turn and asks.
func (r *Resolver) lookup(ctx context.Context, h *host, q question) (*policy.Image, error) {
	release, err := h.acquire(ctx, r.slots)
	if err != nil {
		return nil, busy(q.image, "its turn did not come in time")
	}
	defer release()
	if !h.breaker.admit(r.options.Clock.Now()) {
		return nil, leftAlone(q.image, h.breaker.rejecting(r.options.Clock.Now()))
	}
	image, err := r.options.Client.Lookup(ctx, registry.Query{
		Image:       q.image,
		Credentials: q.credentials,
		Revalidate:  q.last != nil && q.last.facts != nil,
		Known:       func(digest string) *policy.Image { return r.known(q, digest) },
	})
	v, retryAfter := r.judge(err)
	h.breaker.record(r.options.Clock.Now(), v, retryAfter)
	return image, err
}

// known is what is known of a digest that the registry has served for the question.
func (r *Resolver) known(q question, digest string) *policy.Image {
	if q.last != nil && q.last.facts != nil && q.last.facts.digest(0) == digest {
		return q.last.facts.expand("", false)
	}
	if f := r.cache.known(q.image, digest); f != nil {
		return f.expand("", false)
	}
	return nil
}
