package winhost

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// features is DISM's library, see https://learn.microsoft.com/windows-hardware/manufacture/desktop/dism/dism-api-reference.
type features struct{}

var _ host.Features = features{}

const (
	// onlineImage is how the library calls the Windows that runs (DISM_ONLINE_IMAGE).
	onlineImage = "DISM_{53BFAE52-B167-4E2F-A258-0A37B57FF845}"
	// unknownFeature is what it answers to a name that it does not know (CBS_E_UNKNOWN_UPDATE).
	unknownFeature = 0x800f080c
	// The states of DismPackageFeatureState that are not simply off.
	uninstallPending, installed, installPending = 1, 4, 5
)

func (features) Feature(_ context.Context, name string) (is state.FeatureState, err error) {
	err = withDism(func(d dism) error {
		is, err = d.feature(name)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("looking at feature %s: %w", name, err)
	}
	return is, nil
}

// Enable takes a feature from what is on the host's disk, with all that it depends on. DISM cannot be interrupted
// without leaving a half-serviced Windows, so that the context does not end it.
func (features) Enable(_ context.Context, name string) error {
	err := withDism(func(d dism) error {
		text, err := windows.UTF16PtrFromString(name)
		if err != nil {
			return err
		}
		const no, yes = 0, 1
		return d.call("DismEnableFeature", uintptr(d.session), uintptr(unsafe.Pointer(text)), 0, 0, yes, 0, 0, yes, no, no, no)
	})
	if err != nil {
		return fmt.Errorf("enabling feature %s: %w", name, err)
	}
	return nil
}

// Disable leaves the feature's files on the disk, so that it can be enabled again.
func (features) Disable(_ context.Context, name string) error {
	err := withDism(func(d dism) error {
		text, err := windows.UTF16PtrFromString(name)
		if err != nil {
			return err
		}
		return d.call("DismDisableFeature", uintptr(d.session), uintptr(unsafe.Pointer(text)), 0, 0, 0, 0, 0)
	})
	if err != nil {
		return fmt.Errorf("disabling feature %s: %w", name, err)
	}
	return nil
}

// dism is a session of the library.
type dism struct {
	library *windows.LazyDLL
	session uint32
}

// withDism opens a session, which takes a second or two.
func withDism(do func(dism) error) error {
	d := dism{library: windows.NewLazySystemDLL("dismapi.dll")}
	if err := d.library.Load(); err != nil {
		return fmt.Errorf("the management of features is %w: %w", host.ErrNotAvailable, err)
	}
	const errorsOnly = 0
	if err := d.call("DismInitialize", errorsOnly, 0, 0); err != nil {
		return err
	}
	image, err := windows.UTF16PtrFromString(onlineImage)
	if err == nil {
		err = d.call("DismOpenSession", uintptr(unsafe.Pointer(image)), 0, 0, uintptr(unsafe.Pointer(&d.session)))
	}
	if err == nil {
		err = errors.Join(do(d), d.call("DismCloseSession", uintptr(d.session)))
	}
	return errors.Join(err, d.call("DismShutdown"))
}

// call takes for success that a reboot is needed: Feature tells so afterwards.
//
//go:uintptrescapes
func (d dism) call(function string, arguments ...uintptr) error {
	result, _, _ := d.library.NewProc(function).Call(arguments...)
	number := uint32(result)
	if number == 0 || windows.Errno(number) == windows.ERROR_SUCCESS_REBOOT_REQUIRED {
		return nil
	}
	return fmt.Errorf("%s: error 0x%08x: %w", function, number, syscall.Errno(number))
}

func (d dism) feature(name string) (state.FeatureState, error) {
	text, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return "", err
	}
	// DismFeatureInfo begins with the name and the state; it is packed, but so far that makes no difference.
	var info *struct {
		name  *uint16
		state uint32
	}
	err = d.call("DismGetFeatureInfo", uintptr(d.session), uintptr(unsafe.Pointer(text)), 0, 0, uintptr(unsafe.Pointer(&info)))
	if errors.Is(err, syscall.Errno(unknownFeature)) {
		return state.FeatureAbsent, nil
	}
	if err != nil {
		return "", err
	}
	is := info.state
	if err := d.call("DismDelete", uintptr(unsafe.Pointer(info))); err != nil {
		return "", err
	}
	switch is {
	case installed:
		return state.FeatureEnabled, nil
	case installPending:
		return state.FeatureEnablePending, nil
	case uninstallPending:
		return state.FeatureDisablePending, nil
	default:
		return state.FeatureDisabled, nil
	}
}
