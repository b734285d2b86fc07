package winhost

import (
	"context"

	"golang.org/x/sys/windows"
)

// beService is a service of the test program.
func beService(name string) int {
	err := RunService(name, func(ctx context.Context, _ string) error {
		<-ctx.Done()
		return nil
	})
	if err != nil {
		return 1
	}
	return 0
}

// holdService opens a service and keeps the handle.
func holdService(name string) error {
	manager, err := windows.OpenSCManager(nil, nil, windows.SC_MANAGER_CONNECT)
	if err != nil {
		return err
	}
	text, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return err
	}
	_, err = windows.OpenService(manager, text, windows.SERVICE_QUERY_STATUS)
	return err
}
