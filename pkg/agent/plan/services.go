package plan

import (
	"maps"
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// planServices plans which services stop and start, after it is known what changes.
func (p *planner) planServices() {
	stops := p.stops()
	for _, key := range slices.Sorted(maps.Keys(stops)) {
		stop := stops[key]
		p.graph.add(phaseStop, stop.id, &state.Action{
			Verb: state.VerbStop, ID: stop.id, Reason: stop.reason, Disruptive: true,
		})
		p.orderStop(stop.id, stops)
	}
	for _, id := range p.resources.IDs() {
		if resource, _ := p.resources.Find(id); id.Kind == state.KindService {
			service, _ := resource.(state.Service)
			p.planStart(service, stops)
		}
	}
	p.planForeignStarts(stops)
}

// stop is a service that has to be stopped, and a sentence on why.
type stop struct {
	id     state.ID
	reason string
}

// stops finds the services that run and must not: because they change, or something that they read, or a service that
// they depend on is stopped.
func (p *planner) stops() map[string]stop {
	stops := map[string]stop{}
	for _, id := range p.resources.IDs() {
		if service, isService := p.resources.byKey[id.Key()].(state.Service); isService {
			if why := p.whyStop(service); why != "" {
				p.stopWithDependents(id, why, stops)
			}
		}
	}
	for _, id := range p.deleted(state.KindService) {
		p.stopWithDependents(id, "The service is no longer desired.", stops)
	}
	return stops
}

func (p *planner) whyStop(service state.Service) string {
	id := service.ID()
	switch {
	case p.isSelf(id):
		return "" // It would stop who plans. It is restarted at the end.
	case service.Stopped:
		return "The service is to be stopped."
	case service.RunsAgent():
		return "" // It goes on with what it has, and is restarted at the end.
	case p.changed[id.Key()]:
		return "Its configuration changes."
	}
	return p.whyRestart(service)
}

// whyRestart names the first resource, by order, that changes and restarts the service.
func (p *planner) whyRestart(service state.Service) string {
	for _, id := range p.resources.IDs() {
		if p.changed[id.Key()] && Restarts(service, p.resources.byKey[id.Key()]) {
			return "It uses " + id.String() + ", which changes."
		}
	}
	return ""
}

func (p *planner) isSelf(id state.ID) bool {
	return p.Observed.Facts.Service != "" && id.Key() == state.Service{Name: p.Observed.Facts.Service}.ID().Key()
}

func (p *planner) stopWithDependents(id state.ID, why string, stops map[string]stop) {
	observed, exists := p.observedService(id)
	if !exists || observed.Status == state.ServiceStopped || stops[id.Key()].reason != "" && stops[id.Key()].reason <= why {
		return
	}
	stops[id.Key()] = stop{id: id, reason: why}
	for _, name := range observed.Dependents {
		p.stopWithDependents(state.Service{Name: name}.ID(), "It depends on "+id.String()+", which stops.", stops)
	}
}

func (p *planner) observedService(id state.ID) (state.ObservedService, bool) {
	observed, exists := p.Observed.Services[winpath.Fold(id.Name)]
	return observed, exists
}

// orderStop has a service stop after those that depend on it, and before whatever needs it to be stopped.
func (p *planner) orderStop(id state.ID, stops map[string]stop) {
	stopped := stepKey{phaseStop, id.Key()}
	observed, _ := p.observedService(id)
	for _, name := range observed.Dependents {
		dependent := state.Service{Name: name}.ID()
		if _, stops := stops[dependent.Key()]; stops {
			p.graph.add(phaseStop, dependent, nil)
			p.graph.order(stepKey{phaseStop, dependent.Key()}, stopped)
		}
	}
	p.graph.order(stopped, stepKey{phaseSet, id.Key()})
	p.graph.order(stopped, stepKey{phaseDelete, id.Key()})
	service, isOurs := p.resources.byKey[id.Key()].(state.Service)
	if !isOurs {
		return
	}
	for key, resource := range p.resources.byKey {
		if Restarts(service, resource) {
			p.graph.order(stopped, stepKey{phaseSet, key})
		}
	}
}

func (p *planner) planStart(service state.Service, stops map[string]stop) {
	id := service.ID()
	observed, exists := p.observedService(id)
	_, stopped := stops[id.Key()]
	var action *state.Action
	switch {
	case service.Stopped:
	case p.isSelf(id):
		p.planRestart(service)
	case stopped:
		action = &state.Action{Reason: "It was stopped for the change."}
	case !exists:
		action = &state.Action{Reason: "The service is new."}
	case observed.Status != state.ServiceRunning:
		action = &state.Action{Reason: "The service does not run."}
	case service.RunsAgent():
		p.planRestart(service)
	}
	if action != nil {
		action.Verb, action.ID = state.VerbStart, id
	}
	p.graph.add(phaseStart, id, action)
	start := stepKey{phaseStart, id.Key()}
	p.graph.order(stepKey{phaseSet, id.Key()}, start)
	for _, dependency := range p.resources.after[id.Key()] {
		p.graph.order(stepKey{phaseSet, dependency}, start)
		p.graph.order(stepKey{phaseStart, dependency}, start)
	}
	// A port, or whatever else a deleted service holds, is free before another one starts.
	for _, deleted := range p.deleted(state.KindService) {
		if p.record(deleted).Original == nil {
			p.graph.order(stepKey{phaseDelete, deleted.Key()}, start)
		}
	}
	p.orderVersions(id)
}

// planForeignStarts starts other people's services again that we stop now, or have stopped before being interrupted.
func (p *planner) planForeignStarts(stops map[string]stop) {
	foreign := map[string]state.ID{}
	for _, name := range p.Manifest.Resume {
		foreign[state.Service{Name: name}.ID().Key()] = state.Service{Name: name}.ID()
	}
	for key, stop := range stops {
		foreign[key] = stop.id
	}
	for _, key := range slices.Sorted(maps.Keys(foreign)) {
		id := foreign[key]
		_, ours := p.Manifest.Find(id)
		_, desired := p.resources.byKey[key]
		observed, exists := p.observedService(id)
		_, stopped := stops[key]
		if ours || desired || !exists || !stopped && observed.Status == state.ServiceRunning {
			continue
		}
		if lost := p.lostDependency(observed); lost != "" {
			p.notes = append(p.notes, "The service "+id.Name+" stays stopped: it depends on "+lost+", which is gone.")
			continue
		}
		p.graph.add(phaseStart, id, &state.Action{
			Verb: state.VerbStart, ID: id, Reason: "It ran before and is not ours.",
		})
		p.orderForeignStart(id)
	}
}

func (p *planner) orderForeignStart(id state.ID) {
	start := stepKey{phaseStart, id.Key()}
	p.graph.order(stepKey{phaseStop, id.Key()}, start)
	observed, _ := p.observedService(id)
	for _, name := range observed.Config.DependsOn {
		dependency := state.Service{Name: name}.ID().Key()
		p.graph.order(stepKey{phaseStart, dependency}, start)
		p.graph.order(stepKey{phaseDelete, dependency}, start)
	}
}

// lostDependency names a service that is gone, or about to be deleted, though the observed one depends on it.
func (p *planner) lostDependency(observed state.ObservedService) string {
	for _, name := range observed.Config.DependsOn {
		if strings.HasPrefix(name, "+") {
			continue // A group of drivers, which Windows starts before any service.
		}
		id := state.Service{Name: name}.ID()
		_, exists := p.observedService(id)
		_, desired := p.resources.Find(id)
		deletion := p.graph.steps[stepKey{phaseDelete, id.Key()}]
		if !exists && !desired || deletion != nil && deletion.action.Verb == state.VerbDelete {
			return name
		}
	}
	return ""
}
