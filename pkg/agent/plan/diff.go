package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Difference is how a resource differs from what was observed.
type Difference struct {
	// Exists tells that there is something of that name.
	Exists  bool
	Changes []state.Change
}

// None tells that the resource is as desired.
func (d Difference) None() bool { return d.Exists && len(d.Changes) == 0 }

func (d *Difference) add(field, from, to string) {
	if from != to {
		d.change(field, from, to)
	}
}

// change adds what is known to differ, though it may look alike.
func (d *Difference) change(field, from, to string) {
	d.Changes = append(d.Changes, state.Change{Field: field, From: from, To: to})
}

// Diff compares a resource with what was observed of it. The record is that of the manifest, zero if there is none.
func Diff(resource state.Resource, observed state.Observed, record state.Record) Difference {
	switch resource := resource.(type) {
	case state.Feature:
		return diffFeature(resource, observed)
	case state.Directory:
		return diffDirectory(resource, observed, record)
	case state.File:
		return diffFile(resource, observed, record)
	case state.Variable:
		return diffVariable(resource, observed, record)
	case state.RegistryValue:
		return diffRegistry(resource, observed)
	case state.Certificate:
		return Difference{Exists: observed.Certificates[winpath.Fold(resource.ID().Name)]}
	case state.FirewallRule:
		return diffFirewall(resource, observed)
	case state.ContainerNetwork:
		return diffNetwork(record)
	case state.GatewayRoute:
		return diffRoute(resource, observed)
	case state.Service:
		return diffService(resource, observed)
	default:
		return Difference{}
	}
}

func diffFeature(feature state.Feature, observed state.Observed) Difference {
	is := observed.Features[winpath.Fold(feature.Name)]
	difference := Difference{Exists: true}
	if is != state.FeatureEnabled && is != state.FeatureEnablePending {
		difference.add("state", string(is), string(state.FeatureEnabled))
	}
	return difference
}

func diffVariable(variable state.Variable, observed state.Observed, record state.Record) Difference {
	is, exists := observed.Variables[winpath.Fold(variable.Name)]
	difference := Difference{Exists: exists}
	if variable.Value != nil {
		if exists && is.Text == *variable.Value {
			return difference
		}
		difference.change("value",
			state.Shown(is.Text, variable.Secret && exists), state.Shown(*variable.Value, variable.Secret))
		return difference
	}
	missing, surplus := listChange(variable, is.Text, record)
	for _, entry := range missing {
		difference.add("entry", "", state.Shown(entry, variable.Secret))
	}
	for _, entry := range surplus {
		difference.add("entry", state.Shown(entry, variable.Secret), "")
	}
	return difference
}

func diffRegistry(value state.RegistryValue, observed state.Observed) Difference {
	is, exists := observed.Registry[winpath.Fold(value.ID().Name)]
	difference := Difference{Exists: exists}
	if exists && is.Equal(value.Data) {
		return difference
	}
	difference.add("type", string(is.Type), string(value.Data.Type))
	difference.change("data",
		state.Shown(showData(is), value.Secret && exists), state.Shown(showData(value.Data), value.Secret))
	return difference
}

func showData(data state.RegistryData) string {
	switch data.Type {
	case state.RegistryMultiString:
		return strings.Join(data.Texts, " ")
	case state.RegistryDWord, state.RegistryQWord:
		return strconv.FormatUint(data.Number, 10)
	case state.RegistryBinary:
		return fmt.Sprintf("%d bytes sha256:%s", len(data.Bytes), state.Digest(data.Bytes)[:12])
	case state.RegistryOther:
		return fmt.Sprintf("type %d, %d bytes sha256:%s", data.Number, len(data.Bytes), state.Digest(data.Bytes)[:12])
	default:
		return data.Text
	}
}

func diffFirewall(rule state.FirewallRule, observed state.Observed) Difference {
	is, exists := observed.Firewall[winpath.Fold(rule.Name)]
	difference := Difference{Exists: exists}
	difference.add("description", is.Description, rule.Description)
	difference.add("outbound", strconv.FormatBool(is.Outbound && exists), strconv.FormatBool(rule.Outbound))
	difference.add("block", strconv.FormatBool(is.Block && exists), strconv.FormatBool(rule.Block))
	difference.add("protocol", is.Protocol, rule.Protocol)
	difference.add("ports", showSet(is.Ports), showSet(rule.Ports))
	difference.add("remotes", showSet(is.Remotes), showSet(rule.Remotes))
	difference.add("other settings", showSet(is.Other), "")
	if !is.Program.Equal(rule.Program) {
		difference.add("program", is.Program.String(), rule.Program.String())
	}
	return difference
}

// showSet shows a set, so that neither order nor repetition is a difference.
func showSet[E uint16 | string](set []E) string {
	sorted := slices.Compact(slices.Sorted(slices.Values(set)))
	return strings.Trim(fmt.Sprint(sorted), "[]")
}
