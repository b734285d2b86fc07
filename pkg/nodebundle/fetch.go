package nodebundle

import (
	"context"
	"fmt"
	"time"

	"github.com/mullion-dev/mullion/pkg/bundle/cache"
	"github.com/mullion-dev/mullion/pkg/nodeconfig"
)

const (
	// patience is how long a call waits for a bundle that is not at hand.
	patience = 5 * time.Second
	// fetchTimeout bounds fetching a bundle, which has some hundred megabytes.
	fetchTimeout = 30 * time.Minute
	// retryAfter is how long nothing is fetched again after a failure: many hosts wait for the same.
	retryAfter = 15 * time.Second
	// unusedAfter is how long a bundle is held that nobody asks for. A pass over a host takes minutes.
	unusedAfter = time.Hour
)

// fetch is one attempt to have a bundle at hand, and what came of it.
type fetch struct {
	reference string
	began     time.Time
	// used and ended are guarded by the mutex of Bundles.
	used, ended time.Time

	// done is closed when held or failure is set.
	done    chan struct{}
	held    *cache.Bundle
	failure error
}

// start fetches on, whatever becomes of the caller, until it is done or Bundles are closed.
func (b *Bundles) start(ctx context.Context, f *fetch, work func(context.Context) (*cache.Bundle, error)) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
	b.fetches.Go(func() {
		defer cancel()
		f.held, f.failure = work(ctx)
		if f.failure != nil {
			f.failure = fmt.Errorf("fetching node bundle %s: %w", f.reference, f.failure)
		}
		b.mu.Lock()
		f.ended = b.options.Clock.Now()
		b.mu.Unlock()
		close(f.done)
	})
	b.fetches.Go(func() {
		defer cancel()
		select {
		case <-b.closing:
		case <-f.done:
		}
	})
}

// wait returns what has come of a fetch, unless that takes too long.
func (b *Bundles) wait(ctx context.Context, f *fetch) (Bundle, error) {
	if f.isDone() {
		return b.outcome(f)
	}
	timer := b.options.Clock.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-f.done:
		return b.outcome(f)
	case <-timer.C():
		return Bundle{}, &PendingError{Reference: f.reference, Since: b.options.Clock.Since(f.began)}
	case <-ctx.Done():
		return Bundle{}, fmt.Errorf("waiting for node bundle %s: %w", f.reference, context.Cause(ctx))
	}
}

func (f *fetch) isDone() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// outcome is what has come of a fetch that is done.
func (b *Bundles) outcome(f *fetch) (Bundle, error) {
	if f.failure != nil {
		return Bundle{}, f.failure
	}
	return Bundle{
		Bundle:   nodeconfig.Bundle{Digest: f.held.Digest, Manifest: f.held.Manifest},
		Contents: contents{held: f.held, using: func() { b.use(f) }},
	}, nil
}

func (b *Bundles) use(f *fetch) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f.used = b.options.Clock.Now()
}

// expire forgets failures that are to be tried again, and lets bundles go that nobody uses.
func (b *Bundles) expire(now time.Time) {
	for from, f := range b.known {
		if !f.isDone() {
			continue
		}
		failed := f.failure != nil && now.Sub(f.ended) >= retryAfter
		unused := f.failure == nil && now.Sub(f.used) >= unusedAfter
		if failed || unused {
			f.release()
			delete(b.known, from)
		}
	}
}

// release lets the files go. It is called when nothing is fetched any more.
func (f *fetch) release() {
	if f.held != nil {
		f.held.Release()
	}
}
