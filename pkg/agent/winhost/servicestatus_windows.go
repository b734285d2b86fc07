package winhost

import (
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc/mgr"
)

func statusProcess(service *mgr.Service) (status windows.SERVICE_STATUS_PROCESS, err error) {
	var needed uint32
	size := uint32(unsafe.Sizeof(status))
	err = windows.QueryServiceStatusEx(service.Handle, windows.SC_STATUS_PROCESS_INFO,
		(*byte)(unsafe.Pointer(&status)), size, &needed)
	return status, err
}

// change2 sets one level of a service's configuration.
func change2[T any](service *mgr.Service, level uint32, value *T) error {
	return windows.ChangeServiceConfig2(service.Handle, level, (*byte)(unsafe.Pointer(value)))
}

// serviceProcess is a service and the process that it runs in, 0 if it does not run.
type serviceProcess struct {
	name    string
	state   uint32
	process uint32
}

// listServices lists all services with one call: opening each of hundreds would take longer than everything else.
func listServices() (list []serviceProcess, err error) {
	err = withManager(windows.SC_MANAGER_ENUMERATE_SERVICE, func(manager *mgr.Mgr) error {
		var buffer []byte
		for size := uint32(0); ; size += size / 4 { // Services may appear between two calls.
			var first *byte
			if size > 0 {
				buffer = make([]byte, size)
				first = &buffer[0]
			}
			var needed, count uint32
			err := windows.EnumServicesStatusEx(manager.Handle, windows.SC_ENUM_PROCESS_INFO, windows.SERVICE_WIN32,
				windows.SERVICE_STATE_ALL, first, size, &needed, &count, nil, nil)
			if err == windows.ERROR_MORE_DATA {
				size += needed
				continue
			}
			if err != nil || count == 0 {
				return err
			}
			for _, one := range unsafe.Slice((*windows.ENUM_SERVICE_STATUS_PROCESS)(unsafe.Pointer(first)), count) {
				list = append(list, serviceProcess{
					name:  windows.UTF16PtrToString(one.ServiceName),
					state: one.ServiceStatusProcess.CurrentState, process: one.ServiceStatusProcess.ProcessId,
				})
			}
			return nil
		}
	})
	return list, err
}
