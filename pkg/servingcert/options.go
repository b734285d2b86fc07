package servingcert

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// The defaults of [Options].
const (
	DefaultCALifetime    = 365 * 24 * time.Hour
	DefaultLeafLifetime  = 7 * 24 * time.Hour
	DefaultClockSkew     = 10 * time.Minute
	DefaultSettleDelay   = 30 * time.Second
	DefaultInterval      = 10 * time.Second
	DefaultRetryInterval = time.Second
	DefaultTimeout       = 10 * time.Second
)

// TrustView tells what the API server trusts.
type TrustView interface {
	// Bundles returns the caBundle, in PEM, of each endpoint of each target that exists. An endpoint that
	// has none counts with an empty one. No endpoints at all means that nobody calls: everything is trusted.
	Bundles(ctx context.Context) ([][]byte, error)
}

// Options configure a [Source].
type Options struct {
	// Client reads and writes the Secret. It must read from the API server and not from a cache. Required.
	Client client.Client
	// Secret is where the authority is kept. Required.
	Secret types.NamespacedName
	// DNSNames are the names of the serving certificate, such as <service>.<namespace>.svc. Required.
	DNSNames []string
	// Trust is what the API server trusts. Required.
	Trust TrustView

	// CALifetime is how long a CA is valid; it is renewed at two thirds. At least three LeafLifetimes.
	CALifetime time.Duration
	// LeafLifetime is how long a serving certificate is valid; it is renewed at about two thirds. At least
	// twelve times ClockSkew.
	LeafLifetime time.Duration
	// ClockSkew is by how much clocks may differ. More than Timeout.
	ClockSkew time.Duration
	// SettleDelay is how long a CA has to be seen in every caBundle before it is used: the time in which
	// every API server learns of a changed caBundle.
	SettleDelay time.Duration
	// Interval is the time between two passes, RetryInterval while not ready or after losing a race.
	Interval, RetryInterval time.Duration
	// Timeout bounds one pass.
	Timeout time.Duration

	// Log defaults to none, Clock to the real one, Registry to a private one, and Jitter, which returns a
	// number in [0,1) that spreads the renewals of several replicas, to a random one.
	Log      logr.Logger
	Clock    clock.Clock
	Registry prometheus.Registerer
	Jitter   func() float64
}

// ServiceNames are the DNS names by which the API server calls a Service.
func ServiceNames(namespace, service string) []string {
	name := service + "." + namespace + ".svc"
	return []string{name, name + ".cluster.local"}
}

func (o Options) withDefaults() Options {
	for value, fallback := range map[*time.Duration]time.Duration{
		&o.CALifetime:    DefaultCALifetime,
		&o.LeafLifetime:  DefaultLeafLifetime,
		&o.ClockSkew:     DefaultClockSkew,
		&o.SettleDelay:   DefaultSettleDelay,
		&o.Interval:      DefaultInterval,
		&o.RetryInterval: DefaultRetryInterval,
		&o.Timeout:       DefaultTimeout,
	} {
		if *value == 0 {
			*value = fallback
		}
	}
	if o.Log.GetSink() == nil {
		o.Log = logr.Discard()
	}
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	if o.Jitter == nil {
		o.Jitter = rand.Float64
	}
	return o
}

// validate expects the defaults to be filled in.
func (o Options) validate() error {
	var errs []error
	if o.Client == nil || o.Trust == nil {
		errs = append(errs, errors.New("a client and a view of what is trusted are required"))
	}
	if o.Secret.Namespace == "" || o.Secret.Name == "" {
		errs = append(errs, errors.New("namespace and name of the secret are required"))
	}
	if len(o.DNSNames) == 0 {
		errs = append(errs, errors.New("at least one DNS name is required"))
	}
	// The last third of a CA's life is the time to have its successor trusted.
	if o.CALifetime < 3*o.LeafLifetime {
		errs = append(errs, fmt.Errorf("CA lifetime %s must be at least three times the leaf lifetime %s", o.CALifetime, o.LeafLifetime))
	}
	// A leaf is renewed when a quarter of its life is left; the skew must be small beside that.
	if o.LeafLifetime < 12*o.ClockSkew {
		errs = append(errs, fmt.Errorf("leaf lifetime %s must be at least twelve times the clock skew %s", o.LeafLifetime, o.ClockSkew))
	}
	// A leaf may be signed up to one pass after the authority was read; the skew has to cover that.
	if o.ClockSkew <= o.Timeout {
		errs = append(errs, fmt.Errorf("clock skew %s must be more than the timeout %s of a pass", o.ClockSkew, o.Timeout))
	}
	for name, d := range map[string]time.Duration{
		"settle delay": o.SettleDelay, "interval": o.Interval, "retry interval": o.RetryInterval, "timeout": o.Timeout,
	} {
		if d < 0 {
			errs = append(errs, fmt.Errorf("%s must not be negative", name))
		}
	}
	return errors.Join(errs...)
}
