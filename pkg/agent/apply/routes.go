package apply

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/mullion-dev/mullion/pkg/agent/observe"
	"github.com/mullion-dev/mullion/pkg/agent/plan"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// setRoute adds the route before it deletes those that lead elsewhere, so that the destination is never without one.
func (r *runner) setRoute(ctx context.Context, route state.GatewayRoute) error {
	observed, err := observe.Resources(ctx, r.Host, observe.Only(route.ID()))
	if err != nil {
		return err
	}
	want, known := plan.WayOut(observed)
	if !known {
		return errors.New("there is no default route any more")
	}
	is := observed.Routes[route.Destination]
	record, ours := r.record(route.ID())
	if !ours && len(is) > 0 {
		record.Original = &state.Original{Routes: is} // One of them may lead where it is to, and is theirs all the same.
	}
	record.Routes = union(record.Routes, []state.Route{want})
	if err := r.session.Own(record); err != nil {
		return err
	}
	if err := r.Host.Routes.AddRoute(ctx, route.Destination, want); err != nil {
		return err
	}
	for _, other := range is {
		if other == want {
			continue
		}
		if err := r.Host.Routes.DeleteRoute(ctx, route.Destination, other); err != nil {
			return err
		}
	}
	record.Routes = []state.Route{want}
	return r.session.Own(record)
}

// takeBackRoute deletes what we have set and puts back what was there, unless that belongs to an interface that has gone.
func (r *runner) takeBackRoute(ctx context.Context, record state.Record) error {
	for _, route := range record.Routes {
		if record.Original != nil && slices.Contains(record.Original.Routes, route) {
			continue
		}
		if err := r.Host.Routes.DeleteRoute(ctx, record.ID.Name, route); err != nil {
			return err
		}
	}
	if record.Original == nil {
		return nil
	}
	for _, route := range record.Original.Routes {
		err := r.Host.Routes.AddRoute(ctx, record.ID.Name, route)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
