package apply

import (
	"context"
	"errors"
	"fmt"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/plan"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// planForContents plans by contents that are what they should be. It is found out before anything stops for a file
// that could then not be written.
func (a *Applier) planForContents(
	ctx context.Context, desired *state.Desired, manifest state.Manifest, skew Skew,
) (state.Plan, state.Facts, error) {
	planned, facts, err := a.plan(ctx, desired, manifest, skew)
	if err != nil {
		return planned, facts, err
	}
	dropped, err := a.dropDamaged(ctx, desired, planned)
	if err != nil || !dropped {
		return planned, facts, err
	}
	return a.plan(ctx, desired, manifest, skew)
}

// dropDamaged deletes contents that a plan would write and that are not what they should be. It tells whether there
// were any.
func (a *Applier) dropDamaged(ctx context.Context, desired *state.Desired, planned state.Plan) (dropped bool, err error) {
	resources, err := plan.Expand(desired)
	if err != nil {
		return false, err
	}
	checked := map[string]bool{}
	for _, action := range planned.Actions {
		resource, _ := resources.Find(action.ID)
		file, isFile := resource.(state.File)
		if !isFile || file.SHA256 == "" || checked[file.SHA256] {
			continue
		}
		checked[file.SHA256] = true
		damaged, err := a.Store.DropDamaged(ctx, file.SHA256)
		if err != nil {
			return dropped, err
		}
		dropped = dropped || damaged
	}
	return dropped, nil
}

// keep keeps what the desired state needs, and nothing else, for a time without a manager. That there is no room for it
// does not make the host any less what is desired.
func (a *Applier) keep(ctx context.Context, desired *state.Desired, manifest state.Manifest) error {
	if desired != nil {
		err := a.Store.KeepContents(ctx, desired)
		if errors.Is(err, host.ErrDiskFull) {
			a.tell(Event{Note: fmt.Sprintf("The agent could not repair every file by itself: %v.", err)})
		} else if err != nil {
			return err
		}
	}
	return a.Store.Prune(ctx, manifest, desired)
}
