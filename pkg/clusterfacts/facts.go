package clusterfacts

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/pkg/nodeconfig"
)

const (
	// keep is how long facts are used without looking again: a change of the cluster reaches hosts that much later.
	keep = time.Minute
	// keepFailure is the same for a failure, so that hosts by the hundred do not repeat it all at once.
	keepFailure = 5 * time.Second
	// timeout bounds finding out everything.
	timeout = 30 * time.Second
)

// Given are the facts that an administrator gives. What is empty, or nil, is found out.
type Given struct {
	// Server is the URL of the API server as nodes reach it.
	Server string
	// Authority and ClientAuthority are PEM; see [nodeconfig.Cluster].
	Authority, ClientAuthority []byte
	ServerVersion              *version.Version
	DNS                        []netip.Addr
	Domain                     string
	ServiceCIDRs, PodCIDRs     []netip.Prefix
}

// Options are what Facts are made of.
type Options struct {
	// Reader reads from the API server itself: what is read is small, seldom read, and not worth a cache.
	Reader client.Reader
	// Config is how the API server is reached from here.
	Config *rest.Config
	Given  Given
	// Clock is the real one where it is nil.
	Clock clock.PassiveClock
}

// Facts finds out facts, and keeps them for a minute. It is safe for concurrent use.
type Facts struct {
	reader  client.Reader
	given   Given
	servers *servers
	clock   clock.PassiveClock

	// turn has room for one: whoever put something in it may use the fields below.
	turn    chan struct{}
	cluster nodeconfig.Cluster
	failure error
	at      time.Time
}

// New makes Facts that nobody has looked for yet.
func New(o Options) (*Facts, error) {
	asked, err := newServers(o.Config)
	if err != nil {
		return nil, err
	}
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
	return &Facts{reader: o.Reader, given: o.Given, servers: asked, clock: o.Clock, turn: make(chan struct{}, 1)}, nil
}

// Cluster is what is known of the cluster, no older than a minute. It must not be changed. Of several callers one looks,
// and the others wait for it, or for the end of their context.
func (f *Facts) Cluster(ctx context.Context) (nodeconfig.Cluster, error) {
	select {
	case f.turn <- struct{}{}:
		defer func() { <-f.turn }()
	case <-ctx.Done():
		return nodeconfig.Cluster{}, fmt.Errorf("waiting for facts of the cluster: %w", context.Cause(ctx))
	}
	if f.fresh() {
		return f.cluster, f.failure
	}
	bounded, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	cluster, err := f.gather(bounded)
	if err != nil {
		err = fmt.Errorf("finding out facts of the cluster: %w", err)
	}
	if ctx.Err() != nil {
		return nodeconfig.Cluster{}, err // Which says nothing of the cluster: the caller has gone.
	}
	f.cluster, f.failure, f.at = cluster, err, f.clock.Now()
	return f.cluster, f.failure
}

func (f *Facts) fresh() bool {
	age := f.clock.Since(f.at)
	return !f.at.IsZero() && (age < keepFailure || f.failure == nil && age < keep)
}
