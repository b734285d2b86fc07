package winhost

import (
	"slices"
	"strings"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/mgr"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// summaries are the services of the given names, and those that are told by their names.
func summaries(all []serviceProcess, names []string) []state.ServiceSummary {
	var found []state.ServiceSummary
	for _, one := range all {
		asked := slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, one.name) })
		if asked || host.AboutContainers(one.name) {
			found = append(found, state.ServiceSummary{
				Name: one.name, Status: statusOf(svc.State(one.state)), CommandLine: programOfService(one.name),
			})
		}
	}
	slices.SortFunc(found, func(a, b state.ServiceSummary) int { return strings.Compare(a.Name, b.Name) })
	return found
}

// programOfService leaves out the arguments: those of other people's services may have tokens in them.
func programOfService(name string) (program string) {
	err := withService(name, windows.SERVICE_QUERY_CONFIG, func(service *mgr.Service) error {
		config, err := service.Config()
		program = host.ProgramOf(config.BinaryPathName)
		return err
	})
	if err != nil {
		return "" // Deleted meanwhile.
	}
	return program
}

// defender tells by its service and its settings: asking it needs WMI. A policy goes before the setting of the user.
func defender(all []serviceProcess) bool {
	running := slices.ContainsFunc(all, func(one serviceProcess) bool {
		return strings.EqualFold(one.name, "WinDefend") && one.state == windows.SERVICE_RUNNING
	})
	off := false
	for _, path := range []string{
		`SOFTWARE\Policies\Microsoft\Windows Defender\Real-Time Protection`,
		`SOFTWARE\Microsoft\Windows Defender\Real-Time Protection`,
	} {
		withMachineKey(path, func(key registry.Key) { off = off || number(key, "DisableRealtimeMonitoring") != 0 })
	}
	return running && !off
}

// selectedFeatures are the features that were switched on, as the servicing stack notes it for programs that want to know.
// DISM knows more, and takes seconds.
func selectedFeatures() []state.FeatureFact {
	const root = `SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\Notifications\OptionalFeatures`
	var features []state.FeatureFact
	withMachineKey(root, func(key registry.Key) {
		names, err := key.ReadSubKeyNames(-1)
		if err != nil {
			return
		}
		for _, name := range names {
			withMachineKey(root+`\`+name, func(feature registry.Key) {
				if number(feature, "Selection") == 1 {
					features = append(features, state.FeatureFact{Name: name, State: state.FeatureEnabled})
				}
			})
		}
	})
	return features
}
