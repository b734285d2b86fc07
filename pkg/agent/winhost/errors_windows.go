package winhost

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"golang.org/x/sys/windows"

	"github.com/mullion-dev/mullion/pkg/agent/host"
)

// failed says what was attempted and, in the terms of package host, why it was not possible. Windows' number is part of
// the text: it is what people search for.
func failed(err error, format string, arguments ...any) error {
	what := fmt.Sprintf(format, arguments...)
	var number syscall.Errno
	if errors.Is(err, host.ErrInUse) || !errors.As(err, &number) {
		return fmt.Errorf("%s: %w", what, err)
	}
	if meaning := meaningOf(number); meaning != nil {
		return fmt.Errorf("%s: %w (error %d: %w)", what, meaning, uint32(number), number)
	}
	return fmt.Errorf("%s: error %d: %w", what, uint32(number), number)
}

// meaningOf is the error of package host that a number is; nil if it is none. [syscall.Errno] itself knows what
// fs.ErrNotExist and fs.ErrExist are among the errors of files.
func meaningOf(number syscall.Errno) error {
	switch number {
	case windows.ERROR_SHARING_VIOLATION, windows.ERROR_LOCK_VIOLATION, windows.ERROR_USER_MAPPED_FILE:
		return host.ErrInUse
	case windows.ERROR_DISK_FULL, windows.ERROR_HANDLE_DISK_FULL:
		return host.ErrDiskFull
	case windows.ERROR_DIR_NOT_EMPTY:
		return host.ErrNotEmpty
	case windows.ERROR_SERVICE_MARKED_FOR_DELETE:
		return host.ErrMarkedForDelete
	case windows.ERROR_SERVICE_DOES_NOT_EXIST:
		return fs.ErrNotExist
	case windows.ERROR_SERVICE_EXISTS:
		return fs.ErrExist
	default:
		return nil
	}
}
