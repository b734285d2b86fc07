package machines

import (
	"context"
	"fmt"
	"time"

	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/mullion-dev/mullion/pkg/hostsource"
)

// lookInterval is how often it is looked whether a machine API is served: one request, which is answered from memory.
const lookInterval = time.Minute

// Source keeps the WindowsHosts of a machine API's Machines, in one namespace.
type Source struct {
	// Client reads WindowsHosts, which may come from a cache, and writes them.
	Client client.Client
	// API reads Machines from the API server itself.
	API client.Reader
	// Events is told of machines that cannot be used, and of hosts that go.
	Events events.EventRecorder
	// Namespace is where the WindowsHosts are.
	Namespace string
	// TrustOnFirstUse believes whatever key a machine shows first, unless an annotation of the Machine says otherwise.
	TrustOnFirstUse bool
	// Machines is the machine API.
	Machines API
}

func (s *Source) newKeeper() hostsource.Keeper {
	return hostsource.Keeper{Client: s.Client, Source: s.Machines.Source, Namespace: s.Namespace}
}

// SetupWithManager works while this replica is the leader and the machine API is served.
func (s *Source) SetupWithManager(mgr manager.Manager) error {
	served, err := discovery.NewDiscoveryClientForConfigAndClient(mgr.GetConfig(), mgr.GetHTTPClient())
	if err != nil {
		return fmt.Errorf("setting up the source %s: %w", s.Machines.Source, err)
	}
	err = mgr.Add(&supervisor{
		versions: func(ctx context.Context) (string, error) { return s.Machines.served(ctx, served) },
		run: func(ctx context.Context, version string) error {
			return s.run(ctx, mgr, version)
		},
		interval: lookInterval,
		log:      mgr.GetLogger().WithName(s.Machines.Source),
	})
	if err != nil {
		return fmt.Errorf("setting up the source %s: %w", s.Machines.Source, err)
	}
	return nil
}

// resources is the part of discovery that is needed.
type resources interface {
	ServerResourcesForGroupVersionWithContext(ctx context.Context, groupVersion string) (*metav1.APIResourceList, error)
}

// served is the newest known version in which the API server has Machines; empty where it has none.
func (a *API) served(ctx context.Context, api resources) (string, error) {
	for _, version := range a.Versions {
		list, err := api.ServerResourcesForGroupVersionWithContext(ctx, a.Group+"/"+version)
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("asking for the resources of %s/%s: %w", a.Group, version, err)
		}
		for i := range list.APIResources {
			if list.APIResources[i].Name == "machines" {
				return version, nil
			}
		}
	}
	return "", nil
}

// supervisor runs something while an API is served, in the version that it is served in.
type supervisor struct {
	// versions is the version to run with; empty is none. An error changes nothing.
	versions func(ctx context.Context) (string, error)
	// run works until its context ends.
	run      func(ctx context.Context, version string) error
	interval time.Duration
	log      logr.Logger
}

var _ manager.LeaderElectionRunnable = (*supervisor)(nil)

// NeedLeaderElection says that one replica works.
func (s *supervisor) NeedLeaderElection() bool { return true }

// Start looks, and runs, until the context ends. It returns no error: a machine API that cannot be followed ends nothing
// else, and is tried again.
func (s *supervisor) Start(ctx context.Context) error {
	ticker := time.NewTicker(s.interval)
	defer ticker.Stop()
	current := running{}
	defer func() { current.stop() }()
	for {
		version, err := s.versions(ctx)
		switch {
		case err != nil:
			s.log.Info("whether the machine API is served is not known", "why", err.Error())
		case version != current.version || current.ended():
			current.stop()
			current = s.begin(ctx, version)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// begin runs with a version; with none it does nothing.
func (s *supervisor) begin(ctx context.Context, version string) running {
	if version == "" {
		return running{}
	}
	s.log.Info("following Machines", "version", version)
	ctx, cancel := context.WithCancel(ctx)
	r := running{version: version, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		defer cancel()
		if err := s.run(ctx, version); err != nil {
			s.log.Error(err, "Machines are not followed, and it is tried again", "version", version)
		}
	}()
	return r
}

// running is what was begun; the zero value is nothing.
type running struct {
	version string
	cancel  context.CancelFunc
	done    chan struct{}
}

// stop ends it and waits for it.
func (r running) stop() {
	if r.done != nil {
		r.cancel()
		<-r.done
	}
}

// ended tells that it has ended by itself.
func (r running) ended() bool {
	select {
	case <-r.done:
		return true
	default: // Nothing ends never, as its channel is nil.
		return false
	}
}
