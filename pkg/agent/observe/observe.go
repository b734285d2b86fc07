package observe

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// All observes the scope and the host's facts. What is not there is no error; what cannot be read is.
func All(ctx context.Context, on host.Host, scope Scope) (state.Observed, error) {
	facts, err := on.System.Facts(ctx, scope.serviceNames())
	if err != nil {
		return state.Observed{}, fmt.Errorf("finding facts: %w", err)
	}
	observed, err := Resources(ctx, on, scope)
	observed.Facts = facts
	return observed, err
}

// Resources observes the scope without the facts.
func Resources(ctx context.Context, on host.Host, scope Scope) (state.Observed, error) {
	o := observer{host: on, scope: scope, observed: state.Observed{
		Paths:        map[string]state.ObservedPath{},
		Variables:    map[string]state.EnvironmentValue{},
		Registry:     map[string]state.RegistryData{},
		Certificates: map[string]bool{},
		Firewall:     map[string]state.FirewallRule{},
		Features:     map[string]state.FeatureState{},
		Services:     map[string]state.ObservedService{},
		Routes:       map[string][]state.Route{},
		Content:      map[string]bool{},
	}}
	for _, id := range scope.ids {
		if err := o.observe(ctx, id); err != nil {
			return o.observed, fmt.Errorf("observing %s: %w", id, err)
		}
	}
	for _, name := range scope.serviceNames() {
		if err := o.service(ctx, name); err != nil {
			return o.observed, fmt.Errorf("observing service %s: %w", name, err)
		}
	}
	return o.observed, nil
}

type observer struct {
	host     host.Host
	scope    Scope
	observed state.Observed
	networks bool // They were listed.
}

// observe reads one resource; services are read by name afterwards.
func (o *observer) observe(ctx context.Context, id state.ID) error {
	switch id.Kind {
	case state.KindDirectory, state.KindFile:
		return o.path(ctx, id)
	case state.KindVariable:
		value, err := o.host.Environment.Variable(ctx, id.Name)
		return keep(o.observed.Variables, id, value, err)
	case state.KindRegistry:
		key, name := state.SplitRegistryName(id.Name)
		data, err := o.host.Registry.Value(ctx, key, name)
		return keep(o.observed.Registry, id, data, err)
	case state.KindCertificate:
		has, err := o.host.Certificates.HasCertificate(ctx, id.Name)
		return keep(o.observed.Certificates, id, has, err)
	case state.KindFirewall:
		rule, err := o.host.Firewall.Rule(ctx, id.Name)
		return keep(o.observed.Firewall, id, rule, err)
	case state.KindFeature:
		feature, err := o.host.Features.Feature(ctx, id.Name)
		return keep(o.observed.Features, id, feature, err)
	case state.KindNetwork:
		return o.containerNetworks(ctx)
	case state.KindRoute:
		return o.routes(ctx, id.Name)
	default:
		return nil
	}
}

// containerNetworks lists all networks, once: there is no cheaper way to find those of a name.
func (o *observer) containerNetworks(ctx context.Context) (err error) {
	if o.networks {
		return nil
	}
	o.networks = true
	o.observed.Networks, err = o.host.ContainerNetworks(ctx)
	return err
}

// keep notes what was read, unless there was nothing.
func keep[V any](in map[string]V, id state.ID, value V, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	in[winpath.Fold(id.Name)] = value
	return nil
}

// service reads a service, those that run on top of it, which have to be stopped before it, and those that it needs,
// whoever made them. One that is marked for deletion is as good as gone: whoever creates it again waits.
func (o *observer) service(ctx context.Context, name string) error {
	if _, seen := o.observed.Services[winpath.Fold(name)]; seen {
		return nil
	}
	service, err := o.host.Services.Service(ctx, name)
	if errors.Is(err, host.ErrMarkedForDelete) {
		return nil
	}
	if err := keep(o.observed.Services, state.ID{Kind: state.KindService, Name: name}, service, err); err != nil {
		return err
	}
	for _, other := range slices.Concat(service.Dependents, service.Config.DependsOn) {
		if err := o.service(ctx, other); err != nil {
			return err
		}
	}
	return nil
}
