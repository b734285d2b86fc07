package state

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// LocalSystem is the account that services run as unless they say otherwise.
const LocalSystem = "LocalSystem"

func (s Service) validate() error {
	if err := checkServiceName(s.Name); err != nil {
		return err
	}
	switch s.Start {
	case StartDefault, StartAutomatic, StartDelayed, StartManual, StartDisabled:
	default:
		return fmt.Errorf("has the unknown start type %q", s.Start)
	}
	switch {
	case s.Program == "":
		return errors.New("has no program")
	case s.Start == StartDisabled && !s.Stopped:
		return errors.New("is disabled, and so can only be stopped")
	case !accountNeedsNoPassword(s.Account):
		return fmt.Errorf("has the account %q; only built-in accounts, NT SERVICE\\… and those of group-managed "+
			"service accounts, which end in $, need no password", s.Account)
	case slices.Contains(s.Ports, 0):
		return errors.New("has port 0")
	}
	for _, text := range append([]string{s.DisplayName, s.Description}, s.Arguments...) {
		if err := checkLine(text); err != nil {
			return fmt.Errorf("has a text that %w", err)
		}
	}
	for _, name := range s.DependsOn {
		if err := checkServiceName(name); err != nil {
			return fmt.Errorf("depends on a service whose name %w", err)
		}
	}
	if err := s.validateRecovery(); err != nil {
		return err
	}
	return validateServiceVariables(s.Variables)
}

func (s Service) validateRecovery() error {
	startedAnew := len(s.Recovery.RestartAfterSeconds) > 0 && s.Recovery.OnError
	if s.RunsAgent() && !s.Stopped && !startedAnew {
		return errors.New("is the agent's own, which ends with an error to be started anew when it is replaced: it needs " +
			"recovery.restartAfterSeconds and recovery.onError")
	}
	return s.Recovery.validate()
}

func checkServiceName(name string) error {
	if strings.ContainsAny(name, `/\`) {
		return errors.New("has a slash in its name")
	}
	return checkName(name)
}

func accountNeedsNoPassword(account string) bool {
	folded := winpath.Fold(account)
	switch folded {
	case "", "LOCALSYSTEM", `NT AUTHORITY\LOCALSERVICE`, `NT AUTHORITY\NETWORKSERVICE`:
		return true
	}
	return strings.HasPrefix(folded, `NT SERVICE\`) || strings.HasSuffix(folded, "$")
}

// NeedsPassword tells whether a service that runs as that account, in any of the spellings that Windows takes, was given a
// password, which nobody can read.
func NeedsPassword(account string) bool {
	folded := strings.TrimPrefix(winpath.Fold(account), `.\`)
	return !accountNeedsNoPassword(folded) && !strings.HasPrefix(folded, `NT AUTHORITY\`)
}

func (r Recovery) validate() error {
	const day = 24 * 60 * 60
	if len(r.RestartAfterSeconds) > 3 {
		return errors.New("has more than three delays before a restart")
	}
	for _, seconds := range append(slices.Clone(r.RestartAfterSeconds), r.ResetAfterSeconds/365) {
		if seconds < 0 || seconds > day {
			return errors.New("has a delay that is negative or longer than a day")
		}
	}
	return nil
}

func validateServiceVariables(variables []ServiceVariable) error {
	seen := map[string]bool{}
	for _, variable := range variables {
		if err := checkName(variable.Name); err != nil {
			return fmt.Errorf("has a variable whose name %w", err)
		}
		switch key := winpath.Fold(variable.Name); {
		case strings.Contains(variable.Name, "="):
			return errors.New("has a variable with = in its name")
		case seen[key]:
			return fmt.Errorf("has the variable %s twice", variable.Name)
		default:
			seen[key] = true
		}
		if err := checkLine(variable.Value); err != nil {
			return fmt.Errorf("has the variable %s, whose value %w", variable.Name, err)
		}
	}
	return nil
}

// Config is what the service control manager has to store for the service.
func (s Service) Config() ServiceConfig {
	config := ServiceConfig{
		DisplayName: s.DisplayName,
		Description: s.Description,
		CommandLine: winpath.CommandLine(s.Program, s.Arguments),
		DependsOn:   s.DependsOn,
		Start:       s.Start,
		Recovery:    s.Recovery,
		Account:     s.Account,
	}
	if config.DisplayName == "" {
		config.DisplayName = s.Name
	}
	if config.Start == StartDefault {
		config.Start = StartAutomatic
	}
	if config.Account == "" {
		config.Account = LocalSystem
	}
	for _, variable := range s.Variables {
		config.Environment = append(config.Environment, variable.Name+"="+variable.Value)
	}
	slices.Sort(config.Environment)
	return config
}
