package winhost

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

type environment struct{}

var _ host.Environment = environment{}

// environmentKey is where the machine's variables are, below HKEY_LOCAL_MACHINE.
const environmentKey = `SYSTEM\CurrentControlSet\Control\Session Manager\Environment`

func (environment) Variable(_ context.Context, name string) (state.EnvironmentValue, error) {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, environmentKey, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return state.EnvironmentValue{}, failed(err, "opening the machine's environment")
	}
	defer key.Close()
	text, kind, err := key.GetStringValue(name)
	if err != nil {
		return state.EnvironmentValue{}, failed(err, "reading variable %s", name)
	}
	return state.EnvironmentValue{Text: text, Expand: kind == registry.EXPAND_SZ}, nil
}

func (environment) SetVariable(ctx context.Context, name string, value state.EnvironmentValue) error {
	return changeEnvironment(ctx, "setting variable "+name, func(key registry.Key) error {
		if value.Expand {
			return key.SetExpandStringValue(name, value.Text)
		}
		return key.SetStringValue(name, value.Text)
	})
}

func (environment) DeleteVariable(ctx context.Context, name string) error {
	return changeEnvironment(ctx, "deleting variable "+name, func(key registry.Key) error {
		if err := key.DeleteValue(name); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
}

func changeEnvironment(ctx context.Context, what string, change func(registry.Key) error) error {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, environmentKey, registry.SET_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return failed(err, "opening the machine's environment")
	}
	defer key.Close()
	if err := change(key); err != nil {
		return failed(err, "%s", what)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("telling programs of it: %w", err)
	}
	broadcastEnvironment()
	return nil
}

// broadcastEnvironment tells programs with windows that the environment has changed. Nobody depends on it: it reaches
// the windows of the own session only, and one that does not listen is passed over after a second.
func broadcastEnvironment() {
	const (
		everybody      = 0xffff // HWND_BROADCAST
		settingChanged = 0x001a // WM_SETTINGCHANGE
		abortIfHung    = 0x0002 // SMTO_ABORTIFHUNG
		milliseconds   = 1000
	)
	send := windows.NewLazySystemDLL("user32.dll").NewProc("SendMessageTimeoutW")
	what, err := windows.UTF16PtrFromString("Environment")
	if err != nil || send.Find() != nil {
		return // Nano Server has no windows.
	}
	var result uintptr
	_, _, _ = send.Call(everybody, settingChanged, 0, uintptr(unsafe.Pointer(what)), abortIfHung, milliseconds,
		uintptr(unsafe.Pointer(&result)))
}
