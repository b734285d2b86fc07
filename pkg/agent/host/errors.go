package host

import (
	"errors"
	"fmt"

	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// What can happen on a Windows host and is handled. Adapters return errors that are these, by errors.Is.
var (
	// ErrInUse is a file that another process has open in a way that excludes what was attempted
	// (ERROR_SHARING_VIOLATION 32, ERROR_ACCESS_DENIED 5 for a program that runs, ERROR_USER_MAPPED_FILE 1224).
	ErrInUse = errors.New("in use by another process")
	// ErrDiskFull is a disk without space (ERROR_DISK_FULL 112, ERROR_HANDLE_DISK_FULL 39).
	ErrDiskFull = errors.New("the disk is full")
	// ErrNotEmpty is a directory that has something in it (ERROR_DIR_NOT_EMPTY 145).
	ErrNotEmpty = errors.New("the directory is not empty")
	// ErrMarkedForDelete is a service that was deleted while somebody still has a handle to it
	// (ERROR_SERVICE_MARKED_FOR_DELETE 1072).
	ErrMarkedForDelete = errors.New("the service is marked for deletion")
	// ErrNotAvailable is a part of Windows that this host does not have, such as the Host Networking Service without the
	// feature Containers.
	ErrNotAvailable = errors.New("not available on this host")
)

// LockedError is a lock that another process has.
type LockedError struct {
	Path winpath.Path
	// Holder is what that process says about itself.
	Holder string
}

func (e *LockedError) Error() string {
	return fmt.Sprintf("the lock %s is held by %s", e.Path, e.Holder)
}
