package apply

import (
	"context"
	"errors"
	"fmt"

	"github.com/mullion-dev/mullion/pkg/agent/observe"
	"github.com/mullion-dev/mullion/pkg/agent/plan"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// run does the actions of a plan.
func (a *Applier) run(
	ctx context.Context, desired *state.Desired, facts state.Facts, s *session, report Report,
) (Report, error) {
	resources, err := plan.Expand(desired)
	if err != nil {
		return report, err
	}
	r := runner{
		Applier: a, desired: desired, facts: facts, resources: resources, session: s, report: &report,
		redact: desired.Redactor(),
	}
	if err := r.noteRestarts(); err != nil {
		return report, errors.Join(err, s.close(context.WithoutCancel(ctx)))
	}
	for i, action := range report.Plan.Actions {
		if action.AfterReboot {
			report.Deferred++
			continue
		}
		if report.Restart {
			break // What is left is for the process that comes after this one.
		}
		r.tell(Event{Action: &action, Number: i + 1, Total: len(report.Plan.Actions)})
		if err := r.do(ctx, action); err != nil {
			failed := &ActionError{Action: action, Err: err}
			return report, errors.Join(failed, s.close(context.WithoutCancel(ctx)))
		}
		report.Done++
		r.tell(Event{Action: &action, Done: true, Number: i + 1, Total: len(report.Plan.Actions)})
		report.Reboot = report.Reboot || action.Reboot
	}
	report.Reboot = report.Reboot || report.Deferred > 0
	return report, r.finish(ctx)
}

// finish ends a run in which nothing failed.
func (r *runner) finish(ctx context.Context) error {
	if len(r.session.Manifest().Resume) > 0 && r.report.Deferred == 0 {
		if err := r.session.SetResume(nil); err != nil {
			return err
		}
	}
	if err := r.session.Recover(ctx, false); err != nil { // Programs that made way may have ended by now.
		return err
	}
	if r.desired == nil {
		r.tellAsides()
	}
	if err := r.session.close(ctx); err != nil {
		return err
	}
	if r.report.Deferred > 0 {
		return nil // Uploaded content may still be needed.
	}
	return r.keep(ctx, r.desired, r.session.Manifest())
}

// tellAsides tells what is left on a host that was given back: nobody but the manifest, which goes, knows of it.
func (r *runner) tellAsides() {
	for _, aside := range r.session.Manifest().Asides {
		r.tell(Event{Note: fmt.Sprintf("%s stays: it still runs. Delete it when it has ended.", aside.Aside)})
	}
}

// runner is one run.
type runner struct {
	*Applier
	desired   *state.Desired
	facts     state.Facts // before anything was done
	resources plan.Resources
	session   *session
	report    *Report
	redact    func(string) string
}

func (r *runner) do(ctx context.Context, action state.Action) error {
	if action.Reboot {
		if err := r.noteReboot(action); err != nil {
			return err
		}
	}
	switch action.Verb {
	case state.VerbCreate, state.VerbUpdate, state.VerbOwn:
		if err := r.set(ctx, action.ID); err != nil {
			return err
		}
		return r.verify(ctx, action.ID)
	case state.VerbDelete, state.VerbRestore, state.VerbForget:
		return r.undo(ctx, action)
	case state.VerbStop:
		return r.stop(ctx, action.ID.Name)
	case state.VerbStart:
		return r.start(ctx, action.ID.Name)
	case state.VerbRestart:
		return r.restart(ctx, action.ID)
	default:
		return fmt.Errorf("%q is no verb", action.Verb)
	}
}

// record is what the manifest has about a resource.
func (r *runner) record(id state.ID) (state.Record, bool) {
	record, known := r.session.Manifest().Find(id)
	if !known {
		record.ID = id
	}
	return record, known
}

// flushed notes something that says less about what is ours than the journal did before. The change of the host
// that makes it so must not be lost when the note is not.
func (r *runner) flushed(ctx context.Context, note func() error) error {
	if err := r.Host.System.Flush(ctx); err != nil {
		return fmt.Errorf("flushing the host's settings: %w", err)
	}
	return note()
}

// verify reads a resource again and compares it with what is desired.
func (r *runner) verify(ctx context.Context, id state.ID) error {
	resource, declared := r.resources.Find(id)
	if !declared {
		return nil // The host's name and the versions are checked where they are set.
	}
	observed, err := observe.Resources(ctx, r.Host, observe.Only(id))
	if err != nil {
		return fmt.Errorf("verifying: %w", err)
	}
	record, _ := r.record(id)
	difference := plan.Diff(resource, observed, record)
	switch {
	case !difference.Exists:
		return errors.New("verifying: it was set, and is not there")
	case len(difference.Changes) > 0:
		return fmt.Errorf("verifying: it was set, and its %s still differs", difference.Changes[0].Field)
	}
	return nil
}

// set makes one resource what is desired.
func (r *runner) set(ctx context.Context, id state.ID) error {
	resource, _ := r.resources.Find(id)
	switch resource := resource.(type) {
	case state.Feature:
		return r.setFeature(ctx, resource)
	case state.Directory:
		return r.setDirectory(ctx, resource)
	case state.File:
		return r.setFile(ctx, resource)
	case state.Variable:
		return r.setVariable(ctx, resource)
	case state.RegistryValue:
		return r.setRegistry(ctx, resource)
	case state.Certificate:
		return r.setCertificate(ctx, resource)
	case state.FirewallRule:
		return r.setFirewall(ctx, resource)
	case state.ContainerNetwork:
		return r.setNetwork(ctx, resource)
	case state.GatewayRoute:
		return r.setRoute(ctx, resource)
	case state.Service:
		return r.setService(ctx, resource)
	}
	switch id.Kind {
	case state.KindHostname:
		return r.setHostname(ctx)
	case state.KindVersions:
		return r.session.SetVersions(plan.Versions(r.desired, r.session.Manifest()))
	default:
		return errors.New("it is not declared")
	}
}
