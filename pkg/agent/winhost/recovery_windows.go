package winhost

import (
	"errors"
	"slices"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc/mgr"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// shutdownPrivilege is the right to restart the host, without which no service can be told to do so.
const shutdownPrivilege = "SeShutdownPrivilege"

// readRecovery reads what happens when a service fails: as a recovery if that can say it.
func readRecovery(service *mgr.Service) (recovery state.Recovery, other state.FailureActions, err error) {
	actions, err := service.RecoveryActions()
	if err != nil || len(actions) == 0 {
		return recovery, other, err
	}
	reset, resetting := service.ResetPeriod()
	onError, asking := service.RecoveryActionsOnNonCrashFailures()
	if err := errors.Join(resetting, asking); err != nil {
		return recovery, other, err
	}
	plain := true
	for _, action := range actions {
		plain = plain && action.Type == mgr.ServiceRestart && action.Delay%time.Second == 0
		recovery.RestartAfterSeconds = append(recovery.RestartAfterSeconds, int(action.Delay/time.Second))
		other.Actions = append(other.Actions, state.FailureAction{
			Type: uint32(action.Type), DelayMilliseconds: uint32(action.Delay / time.Millisecond),
		})
	}
	recovery.ResetAfterSeconds, recovery.OnError = int(reset), onError
	other.ResetAfterSeconds, other.OnError = reset, onError
	if plain {
		return recovery, state.FailureActions{}, nil
	}
	return state.Recovery{}, other, nil
}

// failuresOf is what has to be stored of a configuration.
func failuresOf(config state.ServiceConfig) state.FailureActions {
	if len(config.OtherRecovery.Actions) > 0 {
		return config.OtherRecovery
	}
	failures := state.FailureActions{
		ResetAfterSeconds: uint32(config.Recovery.ResetAfterSeconds), OnError: config.Recovery.OnError,
	}
	for _, seconds := range config.Recovery.RestartAfterSeconds {
		failures.Actions = append(failures.Actions, state.FailureAction{
			Type: mgr.ServiceRestart, DelayMilliseconds: uint32(seconds * int(time.Second/time.Millisecond)),
		})
	}
	return failures
}

func writeRecovery(service *mgr.Service, failures state.FailureActions) error {
	if len(failures.Actions) == 0 {
		if err := service.ResetRecoveryActions(); err != nil {
			return err
		}
		return service.SetRecoveryActionsOnNonCrashFailures(false)
	}
	set := func() error { return writeFailures(service, failures) }
	restartsHost := func(action state.FailureAction) bool { return action.Type == mgr.ComputerReboot }
	var err error
	if slices.ContainsFunc(failures.Actions, restartsHost) {
		err = withPrivilege(shutdownPrivilege, set)
	} else {
		err = set()
	}
	if err != nil {
		return err
	}
	return service.SetRecoveryActionsOnNonCrashFailures(failures.OnError)
}

// writeFailures leaves the program to run, and what is said before a restart, as they are.
func writeFailures(service *mgr.Service, failures state.FailureActions) error {
	var actions []windows.SC_ACTION
	for _, action := range failures.Actions {
		actions = append(actions, windows.SC_ACTION{Type: action.Type, Delay: action.DelayMilliseconds})
	}
	return change2(service, windows.SERVICE_CONFIG_FAILURE_ACTIONS, &windows.SERVICE_FAILURE_ACTIONS{
		ResetPeriod: failures.ResetAfterSeconds, ActionsCount: uint32(len(actions)), Actions: unsafe.SliceData(actions),
	})
}
