package apply

import (
	"fmt"
	"slices"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// noteReboot notes that an action takes effect with the next boot. Whoever asks the agent next, in another process and
// maybe with another desired state, is told so until then.
func (r *runner) noteReboot(action state.Action) error {
	reboots := []state.Pending{{ID: action.ID, BootID: r.facts.BootID}}
	for _, other := range r.session.Manifest().Reboots {
		if other.BootID == r.facts.BootID && other.ID.Key() != action.ID.Key() {
			reboots = append(reboots, other)
		}
	}
	if err := r.session.SetReboots(reboots); err != nil {
		return err
	}
	reason := fmt.Sprintf("To %s %s takes effect with the next boot.", action.Verb, action.ID)
	if !slices.Contains(r.report.RebootRequired, reason) {
		r.report.RebootRequired = append(r.report.RebootRequired, reason)
	}
	return nil
}
