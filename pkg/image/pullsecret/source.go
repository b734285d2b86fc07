package pullsecret

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/clock"

	"github.com/mullion-dev/mullion/pkg/image/keyring"
)

// SecretGetter reads one Secret.
type SecretGetter interface {
	Get(ctx context.Context, namespace, name string) (*corev1.Secret, error)
}

// ServiceAccountGetter reads one ServiceAccount.
type ServiceAccountGetter interface {
	Get(ctx context.Context, namespace, name string) (*corev1.ServiceAccount, error)
}

// Options of a source. Zero values stand for the defaults, in parentheses; both getters are required.
type Options struct {
	Secrets         SecretGetter
	ServiceAccounts ServiceAccountGetter
	// TTL is how long what was read is used (1 min), and RetryAfter how long it is remembered that
	// something could not be read (5 s).
	TTL        time.Duration
	RetryAfter time.Duration
	// Timeout is how long one read may take (1 s), whoever waits for it.
	Timeout time.Duration
	// MaxEntries is how many secrets, and how many service accounts, are kept (4096).
	MaxEntries int
	// Clock is the time (the real one).
	Clock clock.PassiveClock
}

// Source makes keyrings of pull secrets. Safe for concurrent use.
type Source struct {
	secrets         *reader[*keyring.Config]
	serviceAccounts *reader[[]string]
}

var errNoGetter = errors.New("no client to read pull secrets with")

// NewSource makes a source.
func NewSource(o Options) (*Source, error) {
	if o.Secrets == nil || o.ServiceAccounts == nil {
		return nil, errNoGetter
	}
	o.TTL = cmp.Or(o.TTL, time.Minute)
	o.RetryAfter = cmp.Or(o.RetryAfter, 5*time.Second)
	o.Timeout = cmp.Or(o.Timeout, time.Second)
	o.MaxEntries = cmp.Or(o.MaxEntries, 4096)
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
	secrets, err := newReader(o, func(ctx context.Context, namespace, name string) (*keyring.Config, error) {
		secret, err := o.Secrets.Get(ctx, namespace, name)
		if err != nil {
			return nil, err
		}
		return parse(secret)
	})
	if err != nil {
		return nil, err
	}
	serviceAccounts, err := newReader(o, func(ctx context.Context, namespace, name string) ([]string, error) {
		account, err := o.ServiceAccounts.Get(ctx, namespace, name)
		if err != nil {
			return nil, err
		}
		return namesOf(account.ImagePullSecrets), nil
	})
	if err != nil {
		return nil, err
	}
	return &Source{secrets: secrets, serviceAccounts: serviceAccounts}, nil
}

func newReader[T any](o Options, read func(ctx context.Context, namespace, name string) (T, error)) (*reader[T], error) {
	entries, err := lru.New[objectKey, entry[T]](o.MaxEntries)
	if err != nil {
		return nil, fmt.Errorf("making cache of %d pull secrets: %w", o.MaxEntries, err)
	}
	return &reader[T]{options: o, read: read, entries: entries, flights: &singleflight.Group{}}, nil
}
