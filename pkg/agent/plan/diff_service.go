package plan

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// diffService compares configurations; whether the service runs is another matter.
func diffService(service state.Service, observed state.Observed) Difference {
	found, exists := observed.Services[winpath.Fold(service.Name)]
	difference := Difference{Exists: exists}
	is, want := found.Config, service.Config()
	difference.add("displayName", is.DisplayName, want.DisplayName)
	difference.add("description", is.Description, want.Description)
	difference.add("command", is.CommandLine, want.CommandLine)
	difference.add("dependsOn", showNames(is.DependsOn), showNames(want.DependsOn))
	difference.add("start", string(is.Start), string(want.Start))
	difference.add("recovery", showRecovery(is.Recovery)+showFailures(is.OtherRecovery), showRecovery(want.Recovery))
	if winpath.Fold(is.Account) != winpath.Fold(want.Account) {
		difference.add("account", is.Account, want.Account)
	}
	difference.addEnvironment(service, is.Environment)
	return difference
}

func showNames(names []string) string {
	folded := make([]string, 0, len(names))
	for _, name := range names {
		folded = append(folded, strings.ToLower(name))
	}
	return showSet(folded)
}

func showRecovery(recovery state.Recovery) string {
	if len(recovery.RestartAfterSeconds) == 0 {
		return ""
	}
	var delays []string
	for _, seconds := range recovery.RestartAfterSeconds {
		delays = append(delays, strconv.Itoa(seconds)+"s")
	}
	shown := fmt.Sprintf("restart after %s, reset after %ds", strings.Join(delays, ", "), recovery.ResetAfterSeconds)
	if recovery.OnError {
		shown += ", also on errors"
	}
	return shown
}

// showFailures shows what somebody else wants to happen at each failure.
func showFailures(failures state.FailureActions) string {
	var shown []string
	for _, action := range failures.Actions {
		what := "something else"
		if names := []string{"nothing", "restart", "restart the host", "run a program"}; int64(action.Type) < int64(len(names)) {
			what = names[action.Type]
		}
		shown = append(shown, fmt.Sprintf("%s after %dms", what, action.DelayMilliseconds))
	}
	return strings.Join(shown, ", then ")
}

// addEnvironment shows each variable that differs. Values that are there now show as digests where we would keep
// ours secret, or do not know the variable at all: somebody else's may be a secret too.
func (d *Difference) addEnvironment(service state.Service, environment []string) {
	is := map[string]string{}
	for _, entry := range environment {
		name, value, _ := strings.Cut(entry, "=")
		is[winpath.Fold(name)] = value
	}
	for _, want := range service.Variables {
		key := winpath.Fold(want.Name)
		value, exists := is[key]
		if !exists || value != want.Value {
			d.change("environment "+want.Name, state.Shown(value, want.Secret && exists), state.Shown(want.Value, want.Secret))
		}
		delete(is, key)
	}
	for _, name := range slices.Sorted(maps.Keys(is)) {
		d.change("environment "+name, state.Shown(is[name], true), "")
	}
}
