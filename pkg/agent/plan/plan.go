package plan

import (
	"errors"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Input is what a plan depends on.
type Input struct {
	// Desired is what the host shall be; nil is as it was before us.
	Desired  *state.Desired
	Observed state.Observed
	Manifest state.Manifest
}

// Build plans. It is an error if no host could be what is desired, because resources depend on each other in a
// circle; what is in the way on this host are refusals in the plan.
func Build(in Input) (state.Plan, error) {
	resources, err := Expand(in.Desired)
	if err != nil {
		return state.Plan{}, err
	}
	digest := ""
	if in.Desired != nil {
		if digest, err = state.DesiredDigest(in.Desired); err != nil {
			return state.Plan{}, err
		}
	}
	p := planner{Input: in, resources: resources, graph: newGraph(), changed: map[string]bool{}}
	p.planHostname()
	p.planResources()
	p.planVersions()
	p.planDeletions()
	p.planServices()
	p.orderResources()
	p.orderDeletions()

	steps := p.graph.sorted()
	if len(steps) != len(p.graph.steps) {
		return state.Plan{}, errors.New("steps depend on each other in a circle, though resources do not")
	}
	p.deferUntilBoot(steps)
	result := state.Plan{Schema: state.Schema, Desired: digest, Notes: p.notes, Actions: actions(steps)}
	result.RebootRequired = p.rebootReasons()
	result.Missing = p.missing(result.Actions)
	result.Refusals = p.refusals(result)
	return result, nil
}

// planner collects steps.
type planner struct {
	Input
	resources Resources
	graph     *graph
	// changed are the keys of resources that will be set.
	changed map[string]bool
	// awaitsBoot tells that the next boot brings what services need.
	awaitsBoot bool
	notes      []string
}

func (p *planner) record(id state.ID) state.Record {
	record, _ := p.Manifest.Find(id)
	return record
}

func (p *planner) set(id state.ID, action *state.Action) {
	p.graph.add(phaseSet, id, action)
	if action != nil {
		p.changed[id.Key()] = true
	}
}

// planResources finds which resources have to be set.
func (p *planner) planResources() {
	for _, id := range p.resources.IDs() {
		resource, _ := p.resources.Find(id)
		difference := Diff(resource, p.Observed, p.record(id))
		if feature, isFeature := resource.(state.Feature); isFeature {
			p.awaitsBoot = p.awaitsBoot || p.Observed.Features[winpath.Fold(feature.Name)] != state.FeatureEnabled
		}
		if id.Kind == state.KindRoute {
			p.noteRoute(id)
		}
		if difference.None() {
			p.set(id, nil)
			continue
		}
		if id.Kind == state.KindNetwork {
			p.set(id, p.ownNetwork(id))
			continue
		}
		p.set(id, setAction(id, difference))
	}
}

func setAction(id state.ID, difference Difference) *state.Action {
	verb := state.VerbCreate
	if difference.Exists {
		verb = state.VerbUpdate
	}
	return &state.Action{
		Verb: verb, ID: id, Reason: reason(id, difference), Changes: difference.Changes,
		Reboot: id.Kind == state.KindFeature, Disruptive: id.Kind == state.KindFeature,
	}
}

// planHostname plans the name, which the host has from its next boot on.
func (p *planner) planHostname() {
	if p.Desired == nil || p.Desired.Hostname == "" {
		return
	}
	id, want, facts := state.HostnameID(), winpath.Fold(p.Desired.Hostname), p.Observed.Facts
	switch next := nextHostname(facts); {
	case winpath.Fold(next) != want:
		p.awaitsBoot = true
		p.set(id, &state.Action{
			Verb: state.VerbUpdate, ID: id, Reason: "The host has another name.", Disruptive: true, Reboot: true,
			Changes: []state.Change{{Field: "hostname", From: next, To: p.Desired.Hostname}},
		})
	default:
		p.awaitsBoot = p.awaitsBoot || facts.PendingHostname != ""
		p.set(id, nil)
	}
}

func nextHostname(facts state.Facts) string {
	if facts.PendingHostname != "" {
		return facts.PendingHostname
	}
	return facts.Hostname
}

// orderResources gives dependencies to the steps that set.
func (p *planner) orderResources() {
	hostname := state.HostnameID().Key()
	for key, dependencies := range p.resources.after {
		set := stepKey{phaseSet, key}
		for _, dependency := range dependencies {
			p.graph.order(stepKey{phaseSet, dependency}, set)
			// A service is only there for others once it runs.
			p.graph.order(stepKey{phaseStart, dependency}, set)
		}
		if p.resources.byKey[key].ID().Kind == state.KindService {
			p.graph.order(stepKey{phaseSet, hostname}, set)
		}
	}
}

// actions are the steps that do something.
func actions(steps []*step) []state.Action {
	var actions []state.Action
	for _, step := range steps {
		if step.action != nil {
			actions = append(actions, *step.action)
		}
	}
	return actions
}

// deferUntilBoot marks what has to wait when a boot is needed: services, what comes after them, and deletions. Until
// then, services go on with what they have.
func (p *planner) deferUntilBoot(steps []*step) {
	if !p.awaitsBoot {
		return
	}
	waits := map[stepKey]bool{}
	for _, step := range steps {
		service := step.id.Kind == state.KindService
		if service || step.key.phase != phaseSet || waits[step.key] {
			waits[step.key] = true
			for next := range step.next {
				waits[next] = true
			}
			if step.action != nil {
				step.action.AfterReboot = true
			}
		}
	}
}

// missing are the contents that actions write and nobody has uploaded.
func (p *planner) missing(actions []state.Action) []state.Content {
	var missing []state.Content
	seen := map[string]bool{}
	for _, action := range actions {
		resource, _ := p.resources.Find(action.ID)
		file, isFile := resource.(state.File)
		if !isFile || file.SHA256 == "" || p.Observed.Content[file.SHA256] || seen[file.SHA256] {
			continue
		}
		if is, exists := p.Observed.Paths[file.Path.Key()]; exists && is.SHA256 == file.SHA256 {
			continue
		}
		seen[file.SHA256] = true
		missing = append(missing, state.Content{SHA256: file.SHA256, Size: file.Size})
	}
	return missing
}
