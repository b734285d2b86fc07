package plan

import (
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Versions are the names of the versions to keep, the current one first: the one that was left last is the one that
// somebody may want to go back to.
func Versions(desired *state.Desired, manifest state.Manifest) []string {
	if desired == nil || desired.Versions == nil {
		return nil
	}
	current := winpath.Fold(desired.Versions.Current)
	before := slices.DeleteFunc(slices.Clone(manifest.Versions), func(version string) bool {
		return winpath.Fold(version) == current
	})
	return append([]string{desired.Versions.Current}, before[:min(len(before), desired.Versions.Keep)]...)
}

// planVersions plans to note which version is in use, after all services run it.
func (p *planner) planVersions() {
	want := Versions(p.Desired, p.Manifest)
	if want == nil || slices.Equal(want, p.Manifest.Versions) {
		return
	}
	id := p.Desired.Versions.ID()
	p.set(id, &state.Action{
		Verb: state.VerbUpdate, ID: id, Reason: "Another version is in use from now on.",
		Changes: []state.Change{{
			Field: "versions", From: strings.Join(p.Manifest.Versions, ", "), To: strings.Join(want, ", "),
		}},
	})
}

// orderVersions has the note written after services were started.
func (p *planner) orderVersions(started state.ID) {
	if p.Desired != nil && p.Desired.Versions != nil {
		p.graph.order(stepKey{phaseStart, started.Key()}, stepKey{phaseSet, p.Desired.Versions.ID().Key()})
	}
}

// keptVersion tells whether something is kept because it belongs to a version to which somebody may go back.
func (p *planner) keptVersion(id state.ID) bool {
	if p.Desired == nil || p.Desired.Versions == nil || id.Kind != state.KindFile && id.Kind != state.KindDirectory {
		return false
	}
	version, below := winpath.Path(id.Name).Child(p.Desired.Versions.Root)
	return below && slices.ContainsFunc(Versions(p.Desired, p.Manifest), func(kept string) bool {
		return winpath.Fold(kept) == winpath.Fold(version)
	})
}
