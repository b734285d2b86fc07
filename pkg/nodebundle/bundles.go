package nodebundle

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/bundle/cache"
)

// ErrClosed is what Bundles answer after Close.
var ErrClosed = errors.New("node bundles are not fetched any more: the program ends")

// Options are what Bundles are made of.
type Options struct {
	// Cache is where bundles are kept.
	Cache *cache.Cache
	// Reader reads pull secrets from the API server itself.
	Reader client.Reader
	// Namespace is that of pull secrets: the manager's own.
	Namespace string
	// InsecureRegistries are spoken to in plain HTTP: hosts, with the port that references have, if any.
	InsecureRegistries []string
	// Transport is go-containerregistry's own where it is nil.
	Transport http.RoundTripper
	// Clock is the real one where it is nil.
	Clock clock.Clock
}

// Bundles has bundles at hand. It is safe for concurrent use.
type Bundles struct {
	options Options

	closing chan struct{}
	fetches sync.WaitGroup

	mu     sync.Mutex
	closed bool
	known  map[source]*fetch
}

// source is where a bundle comes from. The same bundle from two places, or by two secrets, is fetched twice only as far
// as the second finds something missing.
type source struct{ reference, pullSecret string }

// New makes Bundles. Close ends what they do.
func New(o Options) *Bundles {
	if o.Transport == nil {
		o.Transport = remote.DefaultTransport
	}
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
	return &Bundles{options: o, closing: make(chan struct{}), known: map[source]*fetch{}}
}

// Bundle returns the bundle that a configuration names: at once if it is at hand. If not, it is fetched, and the call
// waits for that a few seconds, or until its context ends; a [*PendingError] then tells to come again. Errors name the
// reference, and nothing of credentials.
func (b *Bundles) Bundle(ctx context.Context, config *v1alpha1.WindowsNodeConfig) (Bundle, error) {
	from := source{config.Spec.Bundle.Image, config.Spec.Bundle.PullSecret}
	reference, err := b.parse(from.reference)
	if err != nil {
		return Bundle{}, err
	}
	f, err := b.enter(ctx, from, reference)
	if err != nil {
		return Bundle{}, err
	}
	return b.wait(ctx, f)
}

// parse reads a reference by digest.
func (b *Bundles) parse(text string) (name.Digest, error) {
	reference, err := name.NewDigest(text, name.StrictValidation)
	if err == nil && slices.Contains(b.options.InsecureRegistries, reference.RegistryStr()) {
		reference, err = name.NewDigest(text, name.StrictValidation, name.Insecure)
	}
	if err != nil {
		return name.Digest{}, fmt.Errorf("reading the reference of the node bundle: %w", err)
	}
	return reference, nil
}

// enter finds the fetch of a bundle, or starts one.
func (b *Bundles) enter(ctx context.Context, from source, reference name.Digest) (*fetch, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, ErrClosed
	}
	now := b.options.Clock.Now()
	b.expire(now)
	f := b.known[from]
	if f == nil {
		f = &fetch{reference: from.reference, began: now, done: make(chan struct{})}
		b.known[from] = f
		b.start(ctx, f, func(ctx context.Context) (*cache.Bundle, error) { return b.fetch(ctx, from.pullSecret, reference) })
	}
	f.used = now
	return f, nil
}

// Close ends what is being fetched, and returns when that has ended. The cache is not closed.
func (b *Bundles) Close() {
	b.mu.Lock()
	if !b.closed {
		b.closed = true
		close(b.closing)
	}
	b.mu.Unlock()
	b.fetches.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	for from, f := range b.known {
		f.release()
		delete(b.known, from)
	}
}
