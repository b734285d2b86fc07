package framework

import (
	"context"

	"github.com/mullion-dev/mullion/test/registry"
)

// Credentials of the private registry.
const (
	PrivateUsername = "puller"
	PrivatePassword = "s3cret-of-the-private-registry"
)

// faultyRegistries is how many tests of a suite can have a registry that misbehaves. Each needs one of its own:
// the webhook leaves a registry alone for a while that has failed several times.
const faultyRegistries = 16

// startRegistries starts all registries, which the webhook is told of when it starts, and fills them.
func (s *Suite) startRegistries(ctx context.Context) (err error) {
	if s.Registry, err = s.startRegistry(ctx, registry.Options{}); err != nil {
		return err
	}
	s.Private, err = s.startRegistry(ctx, registry.Options{Username: PrivateUsername, Password: PrivatePassword})
	if err != nil {
		return err
	}
	s.faulty = make(chan *registry.Registry, faultyRegistries)
	for range faultyRegistries {
		r, err := s.startRegistry(ctx, registry.Options{})
		if err != nil {
			return err
		}
		s.faulty <- r
	}
	return nil
}

func (s *Suite) startRegistry(ctx context.Context, o registry.Options) (*registry.Registry, error) {
	r, err := registry.Start(o)
	if err != nil {
		return nil, err
	}
	s.registries = append(s.registries, r)
	return r, r.PushCatalog(ctx, registry.Catalog())
}

func (s *Suite) registryHosts() []string {
	hosts := make([]string, len(s.registries))
	for i, r := range s.registries {
		hosts[i] = r.Host()
	}
	return hosts
}

// FaultyRegistry is a registry that nobody has asked yet, holds the catalog and misbehaves.
func (s *Scene) FaultyRegistry(fault registry.Fault) *registry.Registry {
	s.T.Helper()
	select {
	case r := <-s.faulty:
		r.Inject(fault)
		return r
	default:
		s.T.Fatalf("all %d registries are used: there have to be more", faultyRegistries)
		return nil
	}
}
