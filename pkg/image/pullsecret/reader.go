package pullsecret

import (
	"context"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"
)

type objectKey struct{ namespace, name string }

// entry is what a read came to.
type entry[T any] struct {
	value T
	err   error
	until time.Time
}

// reader reads objects by name and keeps what it made of them for a while. There is one read of an object at
// a time; it goes on when the caller leaves, until its own timeout.
type reader[T any] struct {
	options Options
	read    func(ctx context.Context, namespace, name string) (T, error)
	entries *lru.Cache[objectKey, entry[T]]
	flights *singleflight.Group
}

func (r *reader[T]) get(ctx context.Context, namespace, name string) (T, error) {
	k := objectKey{namespace, name}
	if kept, ok := r.kept(k); ok {
		return kept.value, kept.err
	}
	// Neither namespaces nor names can have a slash.
	done := r.flights.DoChan(namespace+"/"+name, func() (any, error) {
		if kept, ok := r.kept(k); ok {
			return kept, nil // A read has ended since the caller looked.
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.options.Timeout)
		defer cancel()
		var e entry[T]
		e.value, e.err = r.read(ctx, namespace, name)
		lifetime := r.options.TTL
		if e.err != nil {
			lifetime = r.options.RetryAfter
		}
		e.until = r.options.Clock.Now().Add(lifetime)
		r.entries.Add(k, e)
		return e, nil
	})
	select {
	case result := <-done:
		e, _ := result.Val.(entry[T])
		return e.value, e.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// kept is what a read came to that is not too long ago.
func (r *reader[T]) kept(k objectKey) (entry[T], bool) {
	e, ok := r.entries.Get(k)
	return e, ok && r.options.Clock.Now().Before(e.until)
}
