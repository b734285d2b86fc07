// Package stage runs what is measured as a whole: a real control plane on this machine, with the webhook and the node
// manager installed from the shipped manifests, as processes with the rights and the limits that those give them.
package stage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/mullion-dev/mullion/test/install"
	"github.com/mullion-dev/mullion/test/localcluster"
)

const (
	// patience bounds what takes seconds on an idle machine.
	patience     = 2 * time.Minute
	pollInterval = 100 * time.Millisecond
)

// Stage is a running control plane.
type Stage struct {
	Cluster *localcluster.Cluster
	// Client is the administrator's. It keeps warnings to itself.
	Client kubernetes.Interface
	// Installation has one replica of each program. It is nil before Install.
	Installation *install.Installation
}

// Start starts a control plane without nodes.
func Start(ctx context.Context, o localcluster.Options) (*Stage, error) {
	cluster, err := localcluster.Start(ctx, o)
	if err != nil {
		return nil, err
	}
	s := &Stage{Cluster: cluster}
	if s.Client, err = kubernetes.NewForConfig(s.Config()); err != nil {
		return nil, errors.Join(fmt.Errorf("making a client: %w", err), s.Close())
	}
	return s, nil
}

// Config is the administrator's client configuration. Callers may change it.
func (s *Stage) Config() *rest.Config {
	config := s.Cluster.RESTConfig()
	config.WarningHandler = rest.NoWarnings{}
	return config
}

// Webhook is the webhook's process.
func (s *Stage) Webhook() *install.Program { return s.Installation.Webhooks[0] }

// Close ends everything.
func (s *Stage) Close() error {
	if s.Installation != nil {
		s.Installation.Stop()
	}
	return s.Cluster.Stop()
}

// Until waits until a condition holds, for at most two minutes. A condition that returns an error ends it.
func Until(ctx context.Context, what string, holds func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		done, err := holds(ctx)
		if err != nil {
			return fmt.Errorf("waiting until %s: %w", what, err)
		}
		if done {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("waiting until %s: %w", what, context.Cause(ctx))
		}
	}
}
