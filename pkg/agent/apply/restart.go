package apply

import (
	"context"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// noteRestarts notes which services are going to be restarted, before anything changes that they use: nothing about
// the host would tell that to whoever goes on from here.
func (r *runner) noteRestarts() error {
	var restarts []state.Pending
	for _, action := range r.report.Plan.Actions {
		if action.Verb == state.VerbRestart && !action.AfterReboot {
			restarts = append(restarts, state.Pending{ID: action.ID, BootID: r.facts.BootID})
		}
	}
	if len(restarts) == 0 {
		return nil
	}
	return r.session.SetRestarts(restarts)
}

// restart restarts the agent's own service, with nothing between stop and start. Should this process end there, Windows
// starts the service: one that has been replaced ends with an error, and has recovery actions for that.
func (r *runner) restart(ctx context.Context, id state.ID) error {
	if winpath.Fold(id.Name) == winpath.Fold(r.facts.Service) {
		r.report.Restart = true // By ending, when everything is noted.
		return r.session.SetRestarts(nil)
	}
	if err := r.stop(ctx, id.Name); err != nil {
		return err
	}
	if err := r.start(ctx, id.Name); err != nil {
		return err
	}
	return r.session.SetRestarts(nil)
}
