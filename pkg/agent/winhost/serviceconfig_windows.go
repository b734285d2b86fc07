package winhost

import (
	"fmt"
	"unicode/utf16"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc/mgr"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// configureAccess is what the calls of configureRest need. A recovery action that restarts needs the right to start.
const configureAccess = windows.SERVICE_CHANGE_CONFIG | windows.SERVICE_QUERY_CONFIG | windows.SERVICE_START

func readConfig(service *mgr.Service) (state.ServiceConfig, error) {
	is, err := service.Config()
	if err != nil {
		return state.ServiceConfig{}, err
	}
	config := state.ServiceConfig{
		DisplayName: is.DisplayName,
		Description: is.Description,
		CommandLine: is.BinaryPathName,
		DependsOn:   is.Dependencies,
		Start:       startType(is.StartType, is.DelayedAutoStart),
		Account:     is.ServiceStartName,
	}
	if len(config.DependsOn) == 0 {
		config.DependsOn = nil
	}
	if config.Account == "" {
		config.Account = state.LocalSystem
	}
	if config.Recovery, config.OtherRecovery, err = readRecovery(service); err != nil {
		return config, fmt.Errorf("reading recovery actions: %w", err)
	}
	if config.Environment, err = readEnvironment(service.Name); err != nil {
		return config, fmt.Errorf("reading its environment: %w", err)
	}
	return config, nil
}

func startType(number uint32, delayed bool) state.StartType {
	switch {
	case number == windows.SERVICE_DISABLED:
		return state.StartDisabled
	case number == windows.SERVICE_DEMAND_START:
		return state.StartManual
	case delayed:
		return state.StartDelayed
	default:
		return state.StartAutomatic // Drivers start even earlier, and are not for us to configure.
	}
}

// serviceCall is a configuration as CreateService and ChangeServiceConfig take it. The package mgr would take what is
// empty for what stays as it is.
type serviceCall struct {
	name, display, command, dependencies, account *uint16
	start                                         uint32
}

func wideConfig(name string, config state.ServiceConfig) (c serviceCall, err error) {
	c.start = windows.SERVICE_AUTO_START
	switch config.Start {
	case state.StartManual:
		c.start = windows.SERVICE_DEMAND_START
	case state.StartDisabled:
		c.start = windows.SERVICE_DISABLED
	}
	for _, text := range []struct {
		of   string
		into **uint16
	}{{name, &c.name}, {config.DisplayName, &c.display}, {config.CommandLine, &c.command}, {config.Account, &c.account}} {
		if *text.into, err = windows.UTF16PtrFromString(text.of); err != nil {
			return c, err
		}
	}
	list, err := wideList(config.DependsOn)
	c.dependencies = &list[0]
	return c, err
}

// wideList ends each text with a zero, and the list with another one. An empty list clears what there is.
func wideList(texts []string) ([]uint16, error) {
	var list []uint16
	for _, text := range texts {
		wide, err := windows.UTF16FromString(text)
		if err != nil {
			return []uint16{0, 0}, err
		}
		list = append(list, wide...)
	}
	if len(list) == 0 {
		list = utf16.Encode([]rune{0})
	}
	return append(list, 0), nil
}

// configureRest sets what is not part of the first call.
func configureRest(service *mgr.Service, config state.ServiceConfig) error {
	description, err := windows.UTF16PtrFromString(config.Description)
	if err != nil {
		return err
	}
	if err := change2(service, windows.SERVICE_CONFIG_DESCRIPTION, &windows.SERVICE_DESCRIPTION{Description: description}); err != nil {
		return fmt.Errorf("setting its description: %w", err)
	}
	// Only what starts automatically can start with a delay, and has to be told that it does not.
	if config.Start == state.StartAutomatic || config.Start == state.StartDelayed {
		delayed := windows.SERVICE_DELAYED_AUTO_START_INFO{}
		if config.Start == state.StartDelayed {
			delayed.IsDelayedAutoStartUp = 1
		}
		if err := change2(service, windows.SERVICE_CONFIG_DELAYED_AUTO_START_INFO, &delayed); err != nil {
			return fmt.Errorf("setting its delayed start: %w", err)
		}
	}
	if err := writeRecovery(service, failuresOf(config)); err != nil {
		return fmt.Errorf("setting its recovery actions: %w", err)
	}
	if err := writeEnvironment(service.Name, config.Environment); err != nil {
		return fmt.Errorf("setting its environment: %w", err)
	}
	return nil
}
