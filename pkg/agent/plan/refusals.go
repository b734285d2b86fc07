package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/merge"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// refusals are why the plan cannot be carried out on this host. Each says what would change that.
func (p *planner) refusals(plan state.Plan) []state.Finding {
	if p.Desired == nil {
		return nil // Going away is never refused for what the host is like.
	}
	r := refuser{planner: p}
	r.owner()
	r.host()
	r.hostname()
	r.reboot(plan.Actions)
	for _, id := range p.resources.IDs() {
		switch resource := p.resources.byKey[id.Key()].(type) {
		case state.Feature:
			r.feature(resource)
		case state.Directory:
			r.path(id, resource.Path, state.PathDirectory)
		case state.File:
			r.path(id, resource.Path, state.PathFile)
			r.text(resource)
		case state.FirewallRule:
			r.firewall(resource)
		case state.Service:
			r.service(resource)
			r.ports(resource)
		}
	}
	r.conflicts()
	r.space(plan)
	return r.findings
}

type refuser struct {
	*planner
	findings []state.Finding
}

func (r *refuser) refuse(code state.FindingCode, id *state.ID, format string, arguments ...any) {
	r.findings = append(r.findings, state.Finding{Code: code, ID: id, Message: fmt.Sprintf(format, arguments...)})
}

func (r *refuser) owner() {
	if owner := r.Manifest.Owner; owner != "" && owner != r.Desired.Owner && len(r.Manifest.Records) > 0 {
		r.refuse(state.FindingOwnedByAnother, nil,
			"The host is managed by %s, not by %s. Remove it there first, so that it is given back.", owner, r.Desired.Owner)
	}
}

func (r *refuser) host() {
	facts, requirements := r.Observed.Facts, r.Desired.Requirements
	if len(requirements.Builds) > 0 && !slices.Contains(requirements.Builds, facts.Build) {
		r.refuse(state.FindingUnsupportedBuild, nil,
			"The host's build is %s; supported here are %s. Add the build to the policy, or use another host.",
			facts.Build, strings.Join(requirements.Builds, ", "))
	}
	if len(requirements.Languages) > 0 && !slices.ContainsFunc(requirements.Languages, equalFold(facts.Language)) {
		r.refuse(state.FindingUnsupportedLanguage, nil,
			"The language of the host's system is %s; supported here are %s. Install Windows in one of these.",
			facts.Language, strings.Join(requirements.Languages, ", "))
	}
	skew, most := facts.ClockSkewSeconds, requirements.MaxClockSkewSeconds
	if most > 0 && max(skew, -skew) > most {
		r.refuse(state.FindingClockSkew, nil,
			"The host's clock is %d seconds %s; certificates need it within %d. Let the host synchronize its time.",
			max(skew, -skew), direction(skew), most)
	}
}

func direction(skew int64) string {
	if skew < 0 {
		return "behind"
	}
	return "ahead"
}

func equalFold(name string) func(string) bool {
	return func(other string) bool { return strings.EqualFold(name, other) }
}

func (r *refuser) hostname() {
	facts := r.Observed.Facts
	switch wanted := r.Desired.Hostname; {
	case wanted == "":
		if err := state.CheckHostname(facts.Hostname); err != nil {
			r.refuse(state.FindingInvalidHostname, nil, "The hostname cannot be a node's name, which RFC 1123 limits: "+
				"%s. Rename the host, or let the configuration set a hostname.", err)
		}
	case facts.Domain != "" && !strings.EqualFold(wanted, nextHostname(facts)):
		r.refuse(state.FindingDomainMember, nil, "The host is a member of the domain %s and has to be renamed to %s "+
			"there, or the domain would no longer know it.", facts.Domain, wanted)
	}
}

// reboot refuses to install anything on a host that waits for a boot which is not ours: what Windows replaces then is
// not known. What is there already may be repaired, since it would come back with the boot anyway.
func (r *refuser) reboot(actions []state.Action) {
	pending := r.Observed.Facts.PendingReboot
	if len(pending) > 0 && slices.ContainsFunc(actions, installsNow) {
		r.refuse(state.FindingRebootPending, nil,
			"Windows waits for a reboot (%s). Reboot the host, then services can be installed.", strings.Join(pending, ", "))
	}
}

func installsNow(action state.Action) bool {
	create := action.ID.Kind == state.KindService && action.Verb == state.VerbCreate
	return create && !action.AfterReboot || action.Reboot
}

func (r *refuser) feature(feature state.Feature) {
	if r.Observed.Features[winpath.Fold(feature.Name)] == state.FeatureAbsent {
		id := feature.ID()
		r.refuse(state.FindingFeatureUnknown, &id, "This edition of Windows has no feature %s. Use an edition that has "+
			"it, or drop it from the configuration.", feature.Name)
	}
}

func (r *refuser) path(id state.ID, path winpath.Path, want state.PathType) {
	is, exists := r.Observed.Paths[path.Key()]
	if !exists || is.Type == want {
		return
	}
	for _, kind := range []state.Kind{state.KindFile, state.KindDirectory} {
		if r.graph.steps[stepKey{phaseDelete, state.ID{Kind: kind, Name: path.String()}.Key()}] != nil {
			return // It is ours and goes before.
		}
	}
	if is.Type == state.PathLink && want == state.PathDirectory {
		r.refuse(state.FindingPathInTheWay, &id, "%s is a link, and where it leads is not known to stay the same. "+
			"Replace it with a directory, or configure the path that it leads to.", path)
		return
	}
	r.refuse(state.FindingPathInTheWay, &id, "%s has to be a %s and is a %s. Move it away.", path, want, is.Type)
}

func (r *refuser) text(file state.File) {
	is, exists := r.Observed.Paths[file.Path.Key()]
	id := file.ID()
	switch {
	case !exists || len(file.Lines) == 0:
	case is.Content == nil && is.Type == state.PathFile:
		r.refuse(state.FindingUnreadableList, &id, "%s has %d bytes, too many to have lines put in.", file.Path, is.Size)
	case !merge.Text(is.Content):
		r.refuse(state.FindingUnreadableList, &id, "%s is UTF-16 or no text, so no lines can be put in. Save it as UTF-8.", file.Path)
	}
}

// firewall refuses to replace a rule that could not be given back as it is: one that is switched off, for example.
func (r *refuser) firewall(rule state.FirewallRule) {
	id := rule.ID()
	is := r.Observed.Firewall[winpath.Fold(rule.Name)]
	if _, ours := r.Manifest.Find(id); !ours && len(is.Other) > 0 {
		r.refuse(state.FindingForeignRule, &id, "There is a firewall rule %s that is not ours, and that could not be given back "+
			"with all of its settings (%s). Give it another name.", rule.Name, showSet(is.Other))
	}
}

func (r *refuser) service(service state.Service) {
	id := service.ID()
	is, exists := r.Observed.Services[winpath.Fold(service.Name)]
	_, ours := r.Manifest.Find(id)
	switch {
	case !exists || ours:
	case service.TakeOver && state.NeedsPassword(is.Config.Account):
		r.refuse(state.FindingForeignService, &id, "The service %s runs as %s, and could not be given back without the password "+
			"of that account. Uninstall what it belongs to.", service.Name, is.Config.Account)
	case !service.TakeOver:
		r.refuse(state.FindingForeignService, &id, "There is a service %s that is not ours. Uninstall what it belongs "+
			"to, or set takeOver on the service, which replaces it until the host is given back.", service.Name)
	}
}

func (r *refuser) conflicts() {
	for _, name := range r.Desired.Requirements.Conflicts {
		id := state.Service{Name: name}.ID()
		_, exists := r.Observed.Services[winpath.Fold(name)]
		_, ours := r.Manifest.Find(id)
		_, desired := r.resources.Find(id)
		if exists && !ours && !desired {
			r.refuse(state.FindingForeignService, &id,
				"The service %s is installed and would fight with ours over the host. Uninstall it.", name)
		}
	}
}

func (r *refuser) ports(service state.Service) {
	id := service.ID()
	if observed, exists := r.observedService(id); service.Stopped || exists && observed.Status != state.ServiceStopped {
		return
	}
	for _, listener := range r.Observed.Facts.Listeners {
		_, ours := r.Manifest.Find(state.Service{Name: listener.Service}.ID())
		if slices.Contains(service.Ports, listener.Port) && !ours {
			r.refuse(state.FindingPortInUse, &id, "Port %d, which %s needs, is in use by %s (process %d). Stop that, or "+
				"configure another port.", listener.Port, service.Name, listener.Process, listener.PID)
		}
	}
}

// space adds up what would be written. A replaced file counts in full: the old one is there until the new one is. What
// has to be uploaded counts twice, since it is kept.
func (r *refuser) space(plan state.Plan) {
	needed := map[string]int64{}
	for _, missing := range plan.Missing {
		needed[r.Observed.ContentDrive.Key()] += missing.Size
	}
	for _, action := range plan.Actions {
		resource, _ := r.resources.Find(action.ID)
		if file, isFile := resource.(state.File); isFile {
			needed[file.Path.Drive().Key()] += file.Size + int64(len(merge.Rendered(file)))
		}
	}
	for _, disk := range r.Observed.Facts.Disks {
		need := needed[disk.Drive.Key()]
		if keep := r.Desired.Requirements.MinFreeBytes; need > 0 && disk.FreeBytes-need < keep {
			r.refuse(state.FindingDiskSpace, nil, "Drive %s has %d bytes free; %d are needed and %d have to stay free. "+
				"Make room.", disk.Drive, disk.FreeBytes, need, keep)
		}
	}
}
