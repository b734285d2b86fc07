package winhost

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// errNoClass is a class that is not installed (REGDB_E_CLASSNOTREG), or, under Wine, one without its methods (E_NOTIMPL).
var errNoClass = errors.New("it is not part of this Windows")

// withCOM does something on a thread on which COM can be used.
func withCOM(do func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := windows.CoInitializeEx(0, windows.COINIT_MULTITHREADED)
	if err != nil && !errors.Is(err, syscall.Errno(1)) { // S_FALSE: it was initialized before.
		return failed(err, "initializing COM")
	}
	defer windows.CoUninitialize()
	return do()
}

// object is a COM object: its first field leads to its methods.
type object struct{ methods *[64]uintptr }

func newObject(class, id windows.GUID) (*object, error) {
	const inProcess = 1 // CLSCTX_INPROC_SERVER
	var made *object
	create := windows.NewLazySystemDLL("ole32.dll").NewProc("CoCreateInstance")
	result, _, _ := create.Call(uintptr(unsafe.Pointer(&class)), 0, inProcess, uintptr(unsafe.Pointer(&id)), uintptr(unsafe.Pointer(&made)))
	if err := resultError(result); err != nil {
		return nil, fmt.Errorf("making an object of class %s: %w", class, err)
	}
	return made, nil
}

// call calls the method at a place.
//
//go:uintptrescapes
func (o *object) call(method int, arguments ...uintptr) error {
	all := append([]uintptr{uintptr(unsafe.Pointer(o))}, arguments...)
	result, _, _ := syscall.SyscallN(o.methods[method], all...)
	return resultError(result)
}

// putText calls a method that takes one text.
func (o *object) putText(method int, value string) error {
	text, err := newText(value)
	if err != nil {
		return err
	}
	defer text.free()
	return o.call(method, uintptr(text))
}

func (o *object) release() {
	const release = 2
	_ = o.call(release) // It returns how many references are left.
}

// resultError is the error that an HRESULT stands for. Those that stand for a number of Windows are that number.
func resultError(result uintptr) error {
	const (
		classNotRegistered = 0x80040154
		notImplemented     = 0x80004001
		facilityWin32      = 0x8007
	)
	number := uint32(result)
	switch {
	case number&(1<<31) == 0:
		return nil
	case number == classNotRegistered || number == notImplemented:
		return errNoClass
	case number>>16 == facilityWin32:
		return syscall.Errno(number & 0xffff)
	default:
		return fmt.Errorf("error 0x%08x: %w", number, syscall.Errno(number))
	}
}

// bstr is a text of COM, in memory of COM.
type bstr uintptr

func newText(text string) (bstr, error) {
	wide, err := windows.UTF16PtrFromString(text)
	if err != nil {
		return 0, err
	}
	allocate := windows.NewLazySystemDLL("oleaut32.dll").NewProc("SysAllocString")
	made, _, _ := allocate.Call(uintptr(unsafe.Pointer(wide)))
	if made == 0 {
		return 0, windows.ERROR_NOT_ENOUGH_MEMORY
	}
	return bstr(made), nil
}

func (b bstr) String() string {
	if b == 0 {
		return ""
	}
	return windows.UTF16PtrToString(*(**uint16)(unsafe.Pointer(&b)))
}

func (b bstr) free() {
	_, _, _ = windows.NewLazySystemDLL("oleaut32.dll").NewProc("SysFreeString").Call(uintptr(b)) // It returns nothing.
}
