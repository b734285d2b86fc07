package winhost

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

type keys struct{}

var _ host.Registry = keys{}

// below is a key without HKLM, which is a key itself.
func below(key string) (string, error) {
	root, path, _ := strings.Cut(key, `\`)
	if !strings.EqualFold(root, "HKLM") {
		return "", fmt.Errorf("the key %s is not below HKLM", key)
	}
	return path, nil
}

func openKey(key string, access uint32) (registry.Key, error) {
	path, err := below(key)
	if err != nil {
		return 0, err
	}
	opened, err := registry.OpenKey(registry.LOCAL_MACHINE, path, access|registry.WOW64_64KEY)
	if err != nil {
		return 0, failed(err, "opening key %s", key)
	}
	return opened, nil
}

func (keys) Value(_ context.Context, key, name string) (state.RegistryData, error) {
	opened, err := openKey(key, registry.QUERY_VALUE)
	if err != nil {
		return state.RegistryData{}, err
	}
	defer opened.Close()
	data, err := readValue(opened, name)
	if err != nil {
		return state.RegistryData{}, failed(err, "reading value %q of %s", name, key)
	}
	return data, nil
}

func readValue(key registry.Key, name string) (state.RegistryData, error) {
	for size := 0; ; {
		raw := make([]byte, size)
		n, kind, err := key.GetValue(name, raw)
		switch {
		case errors.Is(err, registry.ErrShortBuffer) || err == nil && n > size:
			size = n // Others may write a longer one between two calls.
		case err != nil:
			return state.RegistryData{}, err
		default:
			return decodeValue(kind, raw[:n]), nil
		}
	}
}

func (keys) SetValue(_ context.Context, key, name string, data state.RegistryData) error {
	opened, err := openKey(key, registry.SET_VALUE)
	if err != nil {
		return err
	}
	defer opened.Close()
	if err := writeValue(opened, name, data); err != nil {
		return failed(err, "setting value %q of %s", name, key)
	}
	return nil
}

func writeValue(key registry.Key, name string, data state.RegistryData) error {
	kind, raw, err := encodeValue(data)
	if err != nil {
		return err
	}
	wide, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return err
	}
	between := betweenEnds(raw)
	set := windows.NewLazySystemDLL("advapi32.dll").NewProc("RegSetValueExW")
	number, _, _ := set.Call(uintptr(key), uintptr(unsafe.Pointer(wide)), 0, uintptr(kind),
		uintptr(unsafe.Pointer(unsafe.SliceData(between))), uintptr(len(between))) // The error is the result, not the thread's last one.
	if number != 0 {
		return syscall.Errno(number)
	}
	return nil
}

func (keys) DeleteValue(_ context.Context, key, name string) error {
	opened, err := openKey(key, registry.SET_VALUE)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer opened.Close()
	if err := opened.DeleteValue(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return failed(err, "deleting value %q of %s", name, key)
	}
	return nil
}

func (keys) HasKey(_ context.Context, key string) (bool, error) {
	opened, err := openKey(key, registry.QUERY_VALUE)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, opened.Close()
}

// MakeKey opens the key above first, because Windows would make that as well.
func (keys) MakeKey(_ context.Context, key string) error {
	at := strings.LastIndexByte(key, '\\')
	if at < 0 {
		return fmt.Errorf("making key %s: it has none above it", key)
	}
	parent, err := openKey(key[:at], registry.CREATE_SUB_KEY)
	if err != nil {
		return err
	}
	defer parent.Close()
	made, _, err := registry.CreateKey(parent, key[at+1:], registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return failed(err, "making key %s", key)
	}
	return made.Close()
}

func (keys) DeleteKey(_ context.Context, key string) error {
	opened, err := openKey(key, registry.QUERY_VALUE|registry.ENUMERATE_SUB_KEYS)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	is, err := opened.Stat()
	if err = errors.Join(err, opened.Close()); err != nil {
		return failed(err, "looking at key %s", key)
	}
	if is.SubKeyCount > 0 || is.ValueCount > 0 {
		return fmt.Errorf("deleting key %s: %w", key, host.ErrNotEmpty)
	}
	path, err := below(key)
	if err != nil {
		return err
	}
	if err := registry.DeleteKey(registry.LOCAL_MACHINE, path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return failed(err, "deleting key %s", key)
	}
	return nil
}
