//go:build windows

package main

import (
	"fmt"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc/mgr"
)

// setStatus is the access right of a service to its own status. It has no name in the Windows SDK.
const setStatus = 0x8000

// bury reports that a service has stopped which died while it was stopping: Wine would call it stopping for
// ever.
func bury(manager *mgr.Mgr, name string) error {
	pointer, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return err
	}
	handle, err := windows.OpenService(manager.Handle, pointer, setStatus)
	if err != nil {
		return fmt.Errorf("opening it to report its end: %w", err)
	}
	defer func() { _ = windows.CloseServiceHandle(handle) }()
	err = windows.SetServiceStatus(handle, &windows.SERVICE_STATUS{
		ServiceType:   windows.SERVICE_WIN32_OWN_PROCESS,
		CurrentState:  windows.SERVICE_STOPPED,
		Win32ExitCode: uint32(windows.ERROR_PROCESS_ABORTED),
	})
	if err != nil {
		return fmt.Errorf("reporting its end: %w", err)
	}
	return nil
}

func alive(pid uint32) bool {
	if pid == 0 {
		return false
	}
	process, err := windows.OpenProcess(windows.SYNCHRONIZE, false, pid)
	if err != nil {
		return false
	}
	defer func() { _ = windows.CloseHandle(process) }()
	event, err := windows.WaitForSingleObject(process, 0)
	return err == nil && event == uint32(windows.WAIT_TIMEOUT)
}
