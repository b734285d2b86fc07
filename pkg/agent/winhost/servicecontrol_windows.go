package winhost

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/mgr"
)

// pollInterval is how often a service is looked at while it starts or stops. Windows can notify instead, but only of
// services that are not deleted meanwhile, and through an asynchronous procedure call that a Go thread cannot wait for.
const pollInterval = 50 * time.Millisecond

func (services) Start(ctx context.Context, name string) error {
	return withService(name, windows.SERVICE_START|windows.SERVICE_QUERY_STATUS, func(service *mgr.Service) error {
		err := poll(ctx, func() (bool, error) { return requestStart(service) })
		if err == nil {
			err = poll(ctx, func() (bool, error) {
				status, err := service.Query()
				if err == nil && status.State == svc.Stopped {
					return false, fmt.Errorf("it ended with exit code %s", exitCode(status))
				}
				return status.State == svc.Running, err
			})
		}
		if err != nil {
			return failed(err, "starting service %s", name)
		}
		return nil
	})
}

// requestStart asks a service to start; false while the database of services is locked, as it is during a boot.
func requestStart(service *mgr.Service) (bool, error) {
	err := service.Start()
	switch {
	case err == nil, errors.Is(err, windows.ERROR_SERVICE_ALREADY_RUNNING):
		return true, nil
	case errors.Is(err, windows.ERROR_SERVICE_DATABASE_LOCKED):
		return false, nil
	default:
		return false, err
	}
}

// exitCode is that of the service itself if it has one.
func exitCode(status svc.Status) string {
	if windows.Errno(status.Win32ExitCode) == windows.ERROR_SERVICE_SPECIFIC_ERROR {
		return fmt.Sprintf("%d of its own", status.ServiceSpecificExitCode)
	}
	return fmt.Sprintf("%d (%v)", status.Win32ExitCode, windows.Errno(status.Win32ExitCode))
}

func (services) Stop(ctx context.Context, name string) error {
	return withService(name, windows.SERVICE_STOP|windows.SERVICE_QUERY_STATUS, func(service *mgr.Service) error {
		process, err := openProcess(service)
		if err != nil {
			return failed(err, "looking at service %s", name)
		}
		defer closeRead(process)
		err = poll(ctx, func() (bool, error) { return requestStop(service) })
		if err == nil {
			err = poll(ctx, func() (bool, error) {
				status, err := service.Query()
				return status.State == svc.Stopped, err
			})
		}
		if err == nil && process != 0 {
			err = poll(ctx, func() (bool, error) { return ended(process) })
		}
		if err != nil {
			return failed(err, "stopping service %s", name)
		}
		return nil
	})
}

// requestStop asks a service to stop; false if it is still busy with what it was asked before.
func requestStop(service *mgr.Service) (bool, error) {
	status, err := service.Control(svc.Stop)
	switch {
	case err == nil, errors.Is(err, windows.ERROR_SERVICE_NOT_ACTIVE), errors.Is(err, windows.ERROR_SERVICE_REQUEST_TIMEOUT):
		return true, nil
	case errors.Is(err, windows.ERROR_SERVICE_CANNOT_ACCEPT_CTRL) && status.State == svc.Running:
		return false, fmt.Errorf("it cannot be stopped: %w", err)
	case errors.Is(err, windows.ERROR_SERVICE_CANNOT_ACCEPT_CTRL):
		current, err := service.Query()
		return current.State == svc.Stopped, err
	default:
		return false, err
	}
}

// openProcess opens the process of a service to wait for its end; 0 if there is none, or if it has others' services in
// it as well, and so need not end.
func openProcess(service *mgr.Service) (windows.Handle, error) {
	status, err := statusProcess(service)
	if err != nil || status.ProcessId == 0 || status.ServiceType&windows.SERVICE_WIN32_OWN_PROCESS == 0 {
		return 0, err
	}
	process, err := windows.OpenProcess(windows.SYNCHRONIZE, false, status.ProcessId)
	if errors.Is(err, windows.ERROR_INVALID_PARAMETER) {
		return 0, nil // It has just ended.
	}
	return process, err
}

func ended(process windows.Handle) (bool, error) {
	event, err := windows.WaitForSingleObject(process, 0)
	return event == windows.WAIT_OBJECT_0, err
}

// poll tries until it is done, or the context ends.
func poll(ctx context.Context, try func() (done bool, err error)) error {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		if done, err := try(); done || err != nil {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("waiting for it: %w", context.Cause(ctx))
		}
	}
}
