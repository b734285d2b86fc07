//go:build windows

package main

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc/mgr"
)

// lister lists the states of all services with one call. To open and query each would take a fifth of a processor.
type lister struct {
	manager *mgr.Mgr
	buffer  []windows.ENUM_SERVICE_STATUS_PROCESS // Of services, and behind them their names.
}

// list returns the states of all services by name.
func (l *lister) list() (map[string]windows.SERVICE_STATUS_PROCESS, error) {
	const entrySize = uint32(unsafe.Sizeof(windows.ENUM_SERVICE_STATUS_PROCESS{}))
	if l.buffer == nil {
		l.buffer = make([]windows.ENUM_SERVICE_STATUS_PROCESS, 100)
	}
	for {
		var missing, count uint32
		err := windows.EnumServicesStatusEx(l.manager.Handle, windows.SC_ENUM_PROCESS_INFO, windows.SERVICE_WIN32,
			windows.SERVICE_STATE_ALL, (*byte)(unsafe.Pointer(&l.buffer[0])), uint32(len(l.buffer))*entrySize, &missing, &count, nil, nil)
		if errors.Is(err, windows.ERROR_MORE_DATA) {
			l.buffer = make([]windows.ENUM_SERVICE_STATUS_PROCESS, 2*len(l.buffer)+int(missing/entrySize))
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("listing services: %w", err)
		}
		states := make(map[string]windows.SERVICE_STATUS_PROCESS, count)
		for _, entry := range l.buffer[:count] {
			states[windows.UTF16PtrToString(entry.ServiceName)] = entry.ServiceStatusProcess
		}
		return states, nil
	}
}
