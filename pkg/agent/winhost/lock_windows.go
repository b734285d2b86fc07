package winhost

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/windows"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Lock opens a file in a way that keeps others from opening it for writing. Windows closes it with the process, however
// that ends, and deletes it then. After a loss of power the file may be left; a lock it is not.
//
// A lock by LockFileEx would be one, too, but not with a file that goes away: between its end and the file's, another
// process could lock the old file, and a third one a new file of the same name.
func (system) Lock(_ context.Context, path winpath.Path, holder string) (func() error, error) {
	attributes, err := administratorsOnly()
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	handle, err := windows.CreateFile(wide(path), windows.GENERIC_WRITE|windows.DELETE, windows.FILE_SHARE_READ, attributes,
		windows.OPEN_ALWAYS, windows.FILE_ATTRIBUTE_NORMAL|windows.FILE_FLAG_DELETE_ON_CLOSE|windows.FILE_FLAG_OPEN_REPARSE_POINT, 0)
	if errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_DELETE_PENDING) {
		return nil, &host.LockedError{Path: path, Holder: readHolder(path)}
	}
	if err != nil {
		return nil, failed(err, "locking %s", path)
	}
	lock := &file{path, handle}
	if _, err := lock.Write([]byte(holder + "\n")); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock.Close, nil
}

// readHolder reads who has the lock; that nobody can tell is no reason for another error.
func readHolder(path winpath.Path) string {
	const longest = 1 << 10
	handle, err := windows.CreateFile(wide(path), windows.GENERIC_READ, shareAll, nil,
		windows.OPEN_EXISTING, windows.FILE_FLAG_OPEN_REPARSE_POINT, 0)
	if err != nil {
		return "a process that has just ended"
	}
	opened := os.NewFile(uintptr(handle), string(path))
	defer opened.Close()
	content, err := io.ReadAll(io.LimitReader(opened, longest))
	line, _, _ := strings.Cut(string(content), "\n")
	if err != nil || line == "" {
		return "a process that has just begun"
	}
	return line
}
