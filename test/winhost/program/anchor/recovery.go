//go:build windows

package main

import (
	"fmt"
	"log"
	"os/exec"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc/mgr"

	"github.com/mullion-dev/mullion/test/winhost/guest"
)

// recovery does what Windows does when services fail.
type recovery struct {
	manager  *mgr.Mgr
	lister   lister
	services map[string]*life
	trouble  string // What was last logged about the service manager.
}

// life is what is known of a service from earlier looks.
type life struct {
	running  bool
	failures int
	failed   time.Time // Last.
}

func newRecovery(manager *mgr.Mgr) *recovery {
	return &recovery{manager: manager, lister: lister{manager: manager}, services: map[string]*life{}}
}

// look goes through all services once.
func (r *recovery) look() {
	states, err := r.lister.list()
	if err != nil {
		if err.Error() != r.trouble {
			log.Print(err)
		}
		r.trouble = err.Error()
		return
	}
	for name, state := range states {
		if r.services[name] == nil {
			r.services[name] = &life{}
		}
		if err := r.lookAt(name, state, r.services[name]); err != nil {
			log.Printf("service %s: %v", name, err)
		}
	}
}

// open asks for no more rights than are needed: a service may be marked for deletion.
func open(manager *mgr.Mgr, name string) (*mgr.Service, error) {
	pointer, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return nil, err
	}
	const access = windows.SERVICE_QUERY_STATUS | windows.SERVICE_QUERY_CONFIG | windows.SERVICE_START
	handle, err := windows.OpenService(manager.Handle, pointer, access)
	if err != nil {
		return nil, err
	}
	return &mgr.Service{Name: name, Handle: handle}, nil
}

func (r *recovery) lookAt(name string, state windows.SERVICE_STATUS_PROCESS, l *life) error {
	switch {
	case state.CurrentState == windows.SERVICE_RUNNING:
		l.running = true
	case state.CurrentState == windows.SERVICE_STOP_PENDING && !alive(state.ProcessId):
		l.running = false
		return bury(r.manager, name)
	case state.CurrentState == windows.SERVICE_STOPPED && l.running:
		l.running = false
		return r.ended(name, state.Win32ExitCode, l)
	}
	return nil
}

// ended does what is to be done about a service that ran and does not any more.
func (r *recovery) ended(name string, exitCode uint32, l *life) error {
	service, err := open(r.manager, name)
	if err != nil {
		return nil //nolint:nilerr // It has been deleted.
	}
	defer func() { _ = service.Close() }()
	failed, err := hasFailed(service, exitCode)
	if err != nil || !failed {
		return err
	}
	return r.recover(service, l, exitCode)
}

// hasFailed tells a failure from an end. Wine gives a service whose process died this exit code.
func hasFailed(service *mgr.Service, exitCode uint32) (bool, error) {
	if exitCode == uint32(windows.ERROR_PROCESS_ABORTED) {
		return true, nil
	}
	if exitCode == 0 {
		return false, nil
	}
	return service.RecoveryActionsOnNonCrashFailures()
}

// recover takes the action for the n-th failure; the last action is for all further ones.
func (r *recovery) recover(service *mgr.Service, l *life, exitCode uint32) error {
	actions, err := service.RecoveryActions()
	if err != nil || len(actions) == 0 {
		return err
	}
	reset, err := service.ResetPeriod()
	if err != nil {
		return err
	}
	if reset > 0 && time.Since(l.failed) > time.Duration(reset)*time.Second {
		l.failures = 0
	}
	action := actions[min(l.failures, len(actions)-1)]
	l.failures++
	l.failed = time.Now()
	log.Printf("service %s ended with %d: failure %d, action %d in %s", service.Name, exitCode, l.failures, action.Type, action.Delay)

	name := service.Name
	switch action.Type {
	case mgr.ServiceRestart:
		time.AfterFunc(action.Delay, func() { r.restart(name) })
	case mgr.RunCommand:
		command, err := service.RecoveryCommand()
		if err != nil {
			return err
		}
		time.AfterFunc(action.Delay, func() { log.Printf("command of service %s: %v", name, runCommand(command)) })
	case mgr.ComputerReboot:
		time.AfterFunc(action.Delay, func() { log.Printf("reboot for service %s: %v", name, runCommand("shutdown.exe /r /t 0")) })
	}
	return nil
}

func (r *recovery) restart(name string) {
	service, err := open(r.manager, name)
	if err == nil {
		err = guest.StartService(service)
		_ = service.Close()
	}
	log.Printf("restarting service %s: %v", name, err)
}

func runCommand(line string) error {
	out, err := exec.Command("cmd.exe", "/c", line).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}
