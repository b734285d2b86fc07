package winhost

import (
	"context"
	"syscall"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// Flush writes the two files of the registry in which everything is that the agent sets: services, environment, name,
// and rules of the firewall are below SYSTEM; certificates, and most values, below SOFTWARE.
func (system) Flush(ctx context.Context) error {
	flush := windows.NewLazySystemDLL("advapi32.dll").NewProc("RegFlushKey")
	for _, path := range []string{`SYSTEM`, `SOFTWARE`} {
		if err := ctx.Err(); err != nil {
			return err
		}
		key, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE|registry.WOW64_64KEY)
		if err != nil {
			return failed(err, `opening HKLM\%s`, path)
		}
		number, _, _ := flush.Call(uintptr(key)) // The error is the result, not the thread's last one.
		if closing := key.Close(); number == 0 && closing != nil {
			return failed(closing, `closing HKLM\%s`, path)
		}
		if number != 0 {
			return failed(syscall.Errno(number), `flushing HKLM\%s`, path)
		}
	}
	return nil
}
