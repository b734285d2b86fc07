package apply

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func (r *runner) setService(ctx context.Context, service state.Service) error {
	record, known := r.record(service.ID())
	is, err := r.Host.Services.Service(ctx, service.Name)
	exists := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, host.ErrMarkedForDelete) {
		return err
	}
	if !known && exists {
		// It was stopped before it is set, so the plan knows whether it ran.
		record.Original = &state.Original{Service: &is.Config, Running: r.stoppedBefore(service.ID())}
	}
	record.DependsOn = service.DependsOn
	if err := r.session.Own(record); err != nil {
		return err
	}
	if exists {
		return r.Host.Services.Configure(ctx, service.Name, service.Config())
	}
	return r.create(ctx, service)
}

// stoppedBefore tells whether the plan has stopped a service, or would have if an earlier run had not.
func (r *runner) stoppedBefore(id state.ID) bool {
	resumes := slices.ContainsFunc(r.session.Manifest().Resume, func(name string) bool {
		return state.Service{Name: name}.ID().Key() == id.Key()
	})
	return resumes || slices.ContainsFunc(r.report.Plan.Actions, func(action state.Action) bool {
		return action.Verb == state.VerbStop && action.ID.Key() == id.Key()
	})
}

// create waits for a service of the same name that is on its way out.
func (r *runner) create(ctx context.Context, service state.Service) error {
	return r.poll(ctx, func() (bool, error) {
		err := r.Host.Services.Create(ctx, service.Name, service.Config())
		if errors.Is(err, host.ErrMarkedForDelete) {
			return false, markedError(service.Name)
		}
		return true, err
	})
}

func markedError(name string) error {
	return fmt.Errorf("%w: something still has service %s open, often services.msc, Task Manager or a monitoring "+
		"agent: close it, or reboot the host", host.ErrMarkedForDelete, name)
}

// poll tries until it is done, or the time for a service is over: then the last error is what is wrong.
func (r *runner) poll(ctx context.Context, try func() (done bool, err error)) error {
	const interval = 500 * time.Millisecond
	for waited := time.Duration(0); ; waited += interval {
		done, err := try()
		if done || waited >= r.Limits.Service {
			return err
		}
		if waiting := r.Host.System.Wait(ctx, interval); waiting != nil {
			return errors.Join(waiting, err)
		}
	}
}

// stop stops a service. One that is not ours is noted before, so that it runs again whatever happens to us.
func (r *runner) stop(ctx context.Context, name string) error {
	if err := r.noteForeign(name); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, r.Limits.Service)
	defer cancel()
	return ignoreMissing(r.Host.Services.Stop(ctx, name))
}

func (r *runner) noteForeign(name string) error {
	id := state.Service{Name: name}.ID()
	if _, ours := r.session.Manifest().Find(id); ours {
		return nil
	}
	return r.session.SetResume(union(r.session.Manifest().Resume, []string{name}))
}

// start starts a service and sees that it stays. If it does not, the end of its log tells why.
func (r *runner) start(ctx context.Context, name string) error {
	limited, cancel := context.WithTimeout(ctx, r.Limits.Service)
	defer cancel()
	err := r.Host.Services.Start(limited, name)
	if err == nil {
		err = r.Host.System.Wait(ctx, r.Limits.Settle)
	}
	if err == nil {
		is, observing := r.Host.Services.Service(ctx, name)
		switch {
		case observing != nil:
			return observing
		case is.Status != state.ServiceRunning:
			err = fmt.Errorf("it was started and is %s %s later", is.Status, r.Limits.Settle)
		}
	}
	if err == nil {
		return nil
	}
	resource, _ := r.resources.Find(state.Service{Name: name}.ID())
	service, _ := resource.(state.Service)
	return withLog(err, service.Log, r.redact(r.logTail(context.WithoutCancel(ctx), service.Log)))
}

func (r *runner) takeBackService(ctx context.Context, record state.Record) error {
	name := record.ID.Name
	if record.Original != nil {
		return r.putBackService(ctx, name, *record.Original)
	}
	err := r.Host.Services.Delete(ctx, name)
	if err != nil && !errors.Is(err, host.ErrMarkedForDelete) {
		return ignoreMissing(err)
	}
	return r.poll(ctx, func() (bool, error) {
		_, err := r.Host.Services.Service(ctx, name)
		if errors.Is(err, fs.ErrNotExist) {
			return true, nil
		}
		if err == nil || errors.Is(err, host.ErrMarkedForDelete) {
			return false, markedError(name)
		}
		return true, err
	})
}

func (r *runner) putBackService(ctx context.Context, name string, original state.Original) error {
	_, err := r.Host.Services.Service(ctx, name)
	switch {
	case err == nil:
		err = r.Host.Services.Configure(ctx, name, *original.Service)
	case errors.Is(err, fs.ErrNotExist):
		err = r.Host.Services.Create(ctx, name, *original.Service)
	}
	if err != nil || !original.Running {
		return err
	}
	return r.start(ctx, name)
}
