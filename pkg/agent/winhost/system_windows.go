package winhost

import (
	"context"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/mullion-dev/mullion/pkg/agent/host"
)

// system is the host as a whole. The service is the name of the one that the program runs as, if it does.
type system struct{ service string }

var _ host.System = system{}

// SetHostname sets the name of the host in DNS, from which Windows makes the NetBIOS name.
func (system) SetHostname(_ context.Context, name string) error {
	const physicalDNSHostname = 5 // ComputerNamePhysicalDnsHostname
	text, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return failed(err, "reading the hostname %q", name)
	}
	set := windows.NewLazySystemDLL("kernel32.dll").NewProc("SetComputerNameExW")
	if ok, _, err := set.Call(physicalDNSHostname, uintptr(unsafe.Pointer(text))); ok == 0 {
		return failed(err, "setting the hostname %s", name)
	}
	return nil
}

// Wait waits with a timer.
func (system) Wait(ctx context.Context, duration time.Duration) error {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
