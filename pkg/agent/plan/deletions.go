package plan

import (
	"slices"

	"github.com/mullion-dev/mullion/pkg/agent/merge"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// planDeletions plans to undo what is ours and no longer desired.
func (p *planner) planDeletions() {
	for _, record := range p.Manifest.Records {
		if _, desired := p.resources.Find(record.ID); desired || p.keptVersion(record.ID) {
			continue
		}
		if record.ID.Kind == state.KindHostname && p.Desired != nil && p.Desired.Hostname != "" {
			continue
		}
		p.graph.add(phaseDelete, record.ID, p.undo(record))
	}
}

// deleted are the IDs of a kind that are planned to be undone.
func (p *planner) deleted(kind state.Kind) []state.ID {
	var ids []state.ID
	for _, record := range p.Manifest.Records {
		if _, planned := p.graph.steps[stepKey{phaseDelete, record.ID.Key()}]; planned && record.ID.Kind == kind {
			ids = append(ids, record.ID)
		}
	}
	return ids
}

// undo is the action that takes a resource back to what it was.
func (p *planner) undo(record state.Record) *state.Action {
	if record.ID.Kind == state.KindNetwork {
		return p.undoNetwork(record)
	}
	action := &state.Action{Verb: state.VerbDelete, ID: record.ID, Reason: "It is ours and no longer desired."}
	switch {
	case !p.stillThere(record):
		action.Verb, action.Reason = state.VerbForget, "It is ours, no longer desired, and already gone."
	case record.Listed:
		action.Verb, action.Reason = p.undoListed(record)
	case record.Original != nil:
		action.Verb, action.Reason = state.VerbRestore, "It replaced what was there before."
	case record.ID.Kind == state.KindDirectory && !record.Purge:
		action.Reason = "It is ours and no longer desired; it stays if something else is in it."
	}
	if action.Verb != state.VerbForget {
		action.Disruptive = record.ID.Kind == state.KindService || record.ID.Kind == state.KindFeature
		action.Reboot = record.ID.Kind == state.KindFeature || record.ID.Kind == state.KindHostname
	}
	return action
}

// undoListed is what becomes of a file or variable in which some is ours, and why.
func (p *planner) undoListed(record state.Record) (state.Verb, string) {
	switch {
	case len(record.Removed) > 0:
		// Whoever could log in by a line that had to go could do so by ours since, and would be locked out without either.
		return state.VerbForget, "Our lines stay: others had to go for them, and do not come back."
	case p.tooLarge(record):
		return state.VerbForget, "It has become too large to take our lines out: they stay."
	case p.allOurs(record):
		return state.VerbDelete, "All that is in it is ours and no longer desired."
	default:
		return state.VerbRestore, "Some of it is ours and no longer desired."
	}
}

// stillThere tells whether there is something to undo. What we replaced is put back even if our replacement is gone.
func (p *planner) stillThere(record state.Record) bool {
	switch record.ID.Kind {
	case state.KindFeature:
		is := p.Observed.Features[winpath.Fold(record.ID.Name)]
		return is == state.FeatureEnabled || is == state.FeatureEnablePending
	case state.KindHostname:
		return record.Applied == HostnameDigest(nextHostname(p.Observed.Facts))
	case state.KindDirectory:
		return p.Observed.Paths[winpath.Fold(record.ID.Name)].Type == state.PathDirectory
	case state.KindCertificate:
		return p.Observed.Certificates[winpath.Fold(record.ID.Name)]
	default:
		return record.Original != nil && !record.Listed || p.observed(record)
	}
}

// observed tells whether something of a kind that can replace what was there is there now.
func (p *planner) observed(record state.Record) (exists bool) {
	key := winpath.Fold(record.ID.Name)
	switch record.ID.Kind {
	case state.KindFile:
		is, there := p.Observed.Paths[key]
		exists = there && is.Type != state.PathDirectory // Somebody has made that in its place.
	case state.KindVariable:
		_, exists = p.Observed.Variables[key]
	case state.KindFirewall:
		_, exists = p.Observed.Firewall[key]
	case state.KindService:
		_, exists = p.Observed.Services[key]
	case state.KindRoute:
		exists = p.hasRouteOfOurs(record)
	default: // A value of the registry may have left keys behind.
		exists = true
	}
	return exists
}

// allOurs tells whether a file or list that we made has nothing in it but what is ours, so that it goes as a whole.
func (p *planner) allOurs(record state.Record) bool {
	if record.Original != nil {
		return false
	}
	key := winpath.Fold(record.ID.Name)
	switch record.ID.Kind {
	case state.KindFile:
		return len(merge.Split(p.Observed.Paths[key].Content).Remove(record.Entries, false).Bytes()) == 0
	case state.KindVariable:
		text := p.Observed.Variables[key].Text
		return merge.SplitList(text, record.Separator).Remove(record.Entries).String() == ""
	default:
		return false
	}
}

// tooLarge tells whether a file with lines of ours has grown beyond what is read of it.
func (p *planner) tooLarge(record state.Record) bool {
	return record.ID.Kind == state.KindFile && p.Observed.Paths[winpath.Fold(record.ID.Name)].Content == nil
}

// HostnameDigest is what a manifest has as Applied of a name, to recognize it.
func HostnameDigest(name string) string { return state.Digest([]byte(winpath.Fold(name))) }

// orderDeletions has services deleted before those that they depend on, and paths before directories around them and
// before whatever shall be there instead.
func (p *planner) orderDeletions() {
	for _, record := range p.Manifest.Records {
		deletion := stepKey{phaseDelete, record.ID.Key()}
		if p.graph.steps[deletion] == nil {
			continue
		}
		if record.ID.Kind == state.KindService {
			p.orderDeletionOfService(record, deletion)
			continue
		}
		for _, service := range p.deleted(state.KindService) {
			p.orderAroundService(deletion, service)
		}
		if record.ID.Kind == state.KindNetwork {
			p.orderDeletionOfNetwork(deletion)
		}
		if record.ID.Kind == state.KindRoute {
			p.orderDeletionOfRoute(deletion)
		}
		if record.ID.Kind == state.KindFile || record.ID.Kind == state.KindDirectory {
			p.orderDeletionOfPath(winpath.Path(record.ID.Name), deletion)
		}
	}
}

func (p *planner) orderDeletionOfService(record state.Record, deletion stepKey) {
	if record.Original != nil && record.Original.Service != nil {
		// It is put back when what it needs is back: with one of ours, that may need it, Windows would refuse it as a circle.
		for _, name := range record.Original.Service.DependsOn {
			p.graph.order(stepKey{phaseDelete, state.Service{Name: name}.ID().Key()}, deletion)
		}
		return
	}
	for _, name := range record.DependsOn {
		p.graph.order(deletion, stepKey{phaseDelete, state.Service{Name: name}.ID().Key()})
	}
}

// orderAroundService has something else deleted after a service of ours is gone, but before somebody else's is back.
func (p *planner) orderAroundService(deletion stepKey, service state.ID) {
	if p.record(service).Original == nil {
		p.graph.order(stepKey{phaseDelete, service.Key()}, deletion)
		return
	}
	p.graph.order(stepKey{phaseStop, service.Key()}, deletion)
	p.graph.order(deletion, stepKey{phaseDelete, service.Key()})
}

func (p *planner) orderDeletionOfPath(path winpath.Path, deletion stepKey) {
	for _, ancestor := range path.Ancestors() {
		p.graph.order(deletion, stepKey{phaseDelete, state.Directory{Path: ancestor}.ID().Key()})
	}
	inTheWay := false
	for key, resource := range p.resources.byKey {
		desired, isPath := pathOf(resource)
		if isPath && (desired.Equal(path) || desired.Within(path)) && !p.onWay(key, path) {
			p.graph.order(deletion, stepKey{phaseSet, key})
			inTheWay = true
		}
	}
	if !inTheWay {
		p.orderAfterRestart(path, deletion)
	}
	// An old version goes after its successor was noted. What is in the way of the successor cannot wait for that.
	if versions := p.Desired; !inTheWay && versions != nil && versions.Versions != nil {
		if path.Within(versions.Versions.Root) {
			p.graph.order(stepKey{phaseSet, versions.Versions.ID().Key()}, deletion)
		}
	}
}

// onWay tells whether a desired path needs the deleted one to exist, so that it is not in its way after all.
func (p *planner) onWay(key string, path winpath.Path) bool {
	return slices.Contains(p.resources.after[key], state.Directory{Path: path}.ID().Key()) &&
		p.resources.byKey[state.Directory{Path: path}.ID().Key()] != nil &&
		p.Observed.Paths[path.Key()].Type == state.PathDirectory
}
