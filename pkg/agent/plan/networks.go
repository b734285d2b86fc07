package plan

import (
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// diffNetwork compares nothing with the host: all that is desired of a network is that the manifest has it.
func diffNetwork(record state.Record) Difference {
	return Difference{Exists: record.ID.Kind == state.KindNetwork}
}

// ownNetwork is the action that notes a network before anybody can make it. What has the name already is shown: it stays.
func (p *planner) ownNetwork(id state.ID) *state.Action {
	action := &state.Action{
		Verb: state.VerbOwn, ID: id, Reason: "Whatever makes this network from now on, it is deleted when the host is given back.",
	}
	if there := state.NetworksNamed(p.Observed.Networks, id.Name); len(there) > 0 {
		action.Reason = "It is there already and stays; one of that name that is made from now on is deleted with us."
		action.Changes = []state.Change{{Field: "stays", To: showNetworks(there)}}
	}
	return action
}

func showNetworks(networks []state.HNSNetwork) string {
	var shown []string
	for _, network := range networks {
		shown = append(shown, network.ID)
	}
	return strings.Join(shown, " ")
}

// undoNetwork is the action that deletes the networks of a name that came after us.
func (p *planner) undoNetwork(record state.Record) *state.Action {
	gained := record.Gained(p.Observed.Networks)
	if len(gained) == 0 {
		return &state.Action{
			Verb: state.VerbForget, ID: record.ID, Reason: "Nobody has made a network of that name, or it is already gone.",
		}
	}
	return &state.Action{
		Verb: state.VerbDelete, ID: record.ID, Disruptive: true,
		Reason:  "It was made while the host was ours. Connections to the host may break for some seconds.",
		Changes: []state.Change{{Field: "network", From: showNetworks(gained)}},
	}
}

// orderDeletionOfNetwork has a network deleted while there is still a service to do it.
func (p *planner) orderDeletionOfNetwork(deletion stepKey) {
	for _, feature := range p.deleted(state.KindFeature) {
		p.graph.order(deletion, stepKey{phaseDelete, feature.Key()})
	}
}
