package plan

import (
	"slices"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// planRestart restarts the agent's own service when everything else is done. Until then it runs with what it had: its
// program makes way, and its configuration is read when it starts. So whoever is interrupted before has left it running,
// and whoever is interrupted in the middle has left nothing else undone.
func (p *planner) planRestart(service state.Service) {
	why := p.whyRestart(service)
	switch {
	case p.changed[service.ID().Key()]:
		why = "Its configuration changes."
	case why == "" && p.restartPending(service):
		why = "It was not yet restarted after a change."
	}
	if why == "" {
		return
	}
	p.graph.add(phaseRestart, service.ID(), &state.Action{
		Verb: state.VerbRestart, ID: service.ID(), Reason: why, Disruptive: true,
	})
	p.graph.order(stepKey{phaseSet, service.ID().Key()}, stepKey{phaseRestart, service.ID().Key()})
}

// restartPending tells whether a restart was planned since the last boot, and not done.
func (p *planner) restartPending(service state.Service) bool {
	return slices.ContainsFunc(p.Manifest.Restarts, func(pending state.Pending) bool {
		return pending.ID.Key() == service.ID().Key() && pending.BootID == p.Observed.Facts.BootID
	})
}

// orderAfterRestart has programs of the agent's deleted after its service runs another one. Which one it runs now is not
// known: its configuration may be the new one already.
func (p *planner) orderAfterRestart(path winpath.Path, deletion stepKey) {
	if winpath.Fold(path.Base()) != winpath.Fold(state.AgentProgram) {
		return
	}
	for key := range p.resources.byKey {
		p.graph.order(stepKey{phaseRestart, key}, deletion)
	}
}
