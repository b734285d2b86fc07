package plan

import (
	"fmt"
	"slices"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// rebootReasons are why the host has to boot before what was done already takes effect: what is desired and pending,
// whoever has set it, and what we have changed since the last boot. What the host no longer says is pending was taken
// back, or never needed a boot.
func (p *planner) rebootReasons() []string {
	var waiting []state.ID
	if p.Desired != nil {
		if p.Desired.Hostname != "" {
			waiting = append(waiting, state.HostnameID())
		}
		for _, feature := range p.Desired.Features {
			waiting = append(waiting, feature.ID())
		}
	}
	for _, reboot := range p.Manifest.Reboots {
		if reboot.BootID == p.Observed.Facts.BootID {
			waiting = append(waiting, reboot.ID)
		}
	}
	slices.SortFunc(waiting, state.ID.Compare)
	var reasons []string
	for _, id := range waiting {
		if reason := p.whyReboot(id); reason != "" && !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	return reasons
}

func (p *planner) whyReboot(id state.ID) string {
	switch id.Kind {
	case state.KindHostname:
		if next := p.Observed.Facts.PendingHostname; next != "" {
			return fmt.Sprintf("The host is called %s from the next boot on.", next)
		}
	case state.KindFeature:
		switch p.featureState(id) {
		case state.FeatureEnablePending:
			return fmt.Sprintf("The feature %s is enabled with the next boot.", id.Name)
		case state.FeatureDisablePending:
			return fmt.Sprintf("The feature %s is disabled with the next boot.", id.Name)
		}
	}
	return ""
}

// featureState is that of any feature: one that is no longer desired was not observed for itself.
func (p *planner) featureState(id state.ID) state.FeatureState {
	if is, observed := p.Observed.Features[winpath.Fold(id.Name)]; observed {
		return is
	}
	for _, fact := range p.Observed.Facts.Features {
		if winpath.Fold(fact.Name) == winpath.Fold(id.Name) {
			return fact.State
		}
	}
	return state.FeatureDisabled
}
