package winhost

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/mgr"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

type services struct{}

var _ host.Services = services{}

// withManager connects to the service control manager with no more rights than are needed.
func withManager(access uint32, do func(*mgr.Mgr) error) error {
	handle, err := windows.OpenSCManager(nil, nil, windows.SC_MANAGER_CONNECT|access)
	if err != nil {
		return failed(err, "connecting to the service control manager")
	}
	manager := &mgr.Mgr{Handle: handle}
	return errors.Join(do(manager), manager.Disconnect())
}

// withService opens a service. It is closed as soon as possible: whoever has a handle keeps it from being deleted.
func withService(name string, access uint32, do func(*mgr.Service) error) error {
	return withManager(0, func(manager *mgr.Mgr) error {
		text, err := windows.UTF16PtrFromString(name)
		if err != nil {
			return failed(err, "reading the service's name %q", name)
		}
		handle, err := windows.OpenService(manager.Handle, text, access)
		if err != nil {
			return failed(err, "opening service %s", name)
		}
		service := &mgr.Service{Name: name, Handle: handle}
		return errors.Join(do(service), service.Close())
	})
}

func (services) Service(_ context.Context, name string) (observed state.ObservedService, err error) {
	const access = windows.SERVICE_QUERY_CONFIG | windows.SERVICE_QUERY_STATUS | windows.SERVICE_ENUMERATE_DEPENDENTS
	err = withService(name, access, func(service *mgr.Service) error {
		if markedForDelete(service) {
			return fmt.Errorf("looking at service %s: %w", name, host.ErrMarkedForDelete)
		}
		observed, err = observe(service)
		if err != nil {
			return failed(err, "looking at service %s", name)
		}
		return nil
	})
	return observed, err
}

func observe(service *mgr.Service) (observed state.ObservedService, err error) {
	if observed.Config, err = readConfig(service); err != nil {
		return observed, err
	}
	status, err := service.Query()
	if err != nil {
		return observed, err
	}
	observed.Status = statusOf(status.State)
	observed.Dependents, err = service.ListDependentServices(svc.Active)
	return observed, err
}

func statusOf(current svc.State) state.ServiceStatus {
	switch current {
	case svc.Stopped:
		return state.ServiceStopped
	case svc.Running:
		return state.ServiceRunning
	default:
		return state.ServicePending
	}
}

// markedForDelete reads what the service control manager notes in the registry until the last handle is closed.
func markedForDelete(service *mgr.Service) bool {
	if underWine() {
		return refusesChange(service.Name)
	}
	key, err := serviceKey(service.Name, registry.QUERY_VALUE)
	if err != nil {
		return false
	}
	defer key.Close()
	flag, _, err := key.GetIntegerValue("DeleteFlag")
	return err == nil && flag != 0
}

// refusesChange asks for a change that changes nothing: Wine notes the mark nowhere, and tells of it only so.
func refusesChange(name string) bool {
	err := withService(name, windows.SERVICE_CHANGE_CONFIG, func(service *mgr.Service) error {
		const same = windows.SERVICE_NO_CHANGE
		return windows.ChangeServiceConfig(service.Handle, same, same, same, nil, nil, nil, nil, nil, nil, nil)
	})
	return errors.Is(err, windows.ERROR_SERVICE_MARKED_FOR_DELETE) || errors.Is(err, host.ErrMarkedForDelete)
}

func serviceKey(name string, access uint32) (registry.Key, error) {
	return registry.OpenKey(registry.LOCAL_MACHINE, `SYSTEM\CurrentControlSet\Services\`+name, access|registry.WOW64_64KEY)
}

func (s services) Create(_ context.Context, name string, config state.ServiceConfig) error {
	return withManager(windows.SC_MANAGER_CREATE_SERVICE, func(manager *mgr.Mgr) error {
		c, err := wideConfig(name, config)
		if err != nil {
			return fmt.Errorf("creating service %s: %w", name, err)
		}
		handle, err := windows.CreateService(manager.Handle, c.name, c.display, configureAccess,
			windows.SERVICE_WIN32_OWN_PROCESS, c.start, windows.SERVICE_ERROR_NORMAL, c.command, nil, nil, c.dependencies, c.account, nil)
		if err != nil {
			return failed(err, "creating service %s", name)
		}
		service := &mgr.Service{Name: name, Handle: handle}
		if err := errors.Join(configureRest(service, config), service.Close()); err != nil {
			return failed(err, "configuring service %s", name)
		}
		return nil
	})
}

func (services) Configure(_ context.Context, name string, config state.ServiceConfig) error {
	return withService(name, configureAccess, func(service *mgr.Service) error {
		c, err := wideConfig(name, config)
		if err != nil {
			return fmt.Errorf("configuring service %s: %w", name, err)
		}
		err = windows.ChangeServiceConfig(service.Handle, windows.SERVICE_NO_CHANGE, c.start, windows.SERVICE_NO_CHANGE,
			c.command, nil, nil, c.dependencies, c.account, nil, c.display)
		if err == nil {
			err = configureRest(service, config)
		}
		if err != nil {
			return failed(err, "configuring service %s", name)
		}
		return nil
	})
}

func (services) Delete(_ context.Context, name string) error {
	return withService(name, windows.DELETE, func(service *mgr.Service) error {
		err := service.Delete()
		if err == nil || errors.Is(err, windows.ERROR_SERVICE_MARKED_FOR_DELETE) {
			return nil
		}
		return failed(err, "deleting service %s", name)
	})
}

// readEnvironment reads the variables of a service, which the service control manager's interface does not have.
func readEnvironment(name string) ([]string, error) {
	key, err := serviceKey(name, registry.QUERY_VALUE)
	if err != nil {
		return nil, err
	}
	defer key.Close()
	variables, _, err := key.GetStringsValue("Environment")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return variables, err
}

func writeEnvironment(name string, variables []string) error {
	key, err := serviceKey(name, registry.SET_VALUE)
	if err != nil {
		return err
	}
	defer key.Close()
	if len(variables) > 0 {
		return key.SetStringsValue("Environment", variables)
	}
	if err := key.DeleteValue("Environment"); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
