package winhost

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/sys/windows"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Create deletes what has the name and makes a new file. Opening what is there would keep its access list, and would
// write where somebody else may have it open already.
func (f files) Create(ctx context.Context, path winpath.Path, restricted bool) (host.File, error) {
	there, err := f.Stat(ctx, path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case there.Type == state.PathDirectory:
		return nil, fmt.Errorf("creating %s: it is a directory", path)
	default:
		if err := f.Remove(ctx, path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	access := ownedByAdministrators
	if restricted {
		access = administratorsOnly
	}
	attributes, err := access()
	if err != nil {
		return nil, fmt.Errorf("creating %s: %w", path, err)
	}
	handle, err := windows.CreateFile(wide(path), windows.GENERIC_WRITE, windows.FILE_SHARE_READ, attributes,
		windows.CREATE_NEW, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil, failed(err, "creating %s", path)
	}
	return &file{path, handle}, nil
}

func (files) Append(_ context.Context, path winpath.Path) (host.File, error) {
	attributes, err := administratorsOnly()
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	const access = windows.FILE_APPEND_DATA | windows.FILE_READ_ATTRIBUTES | windows.SYNCHRONIZE
	handle, err := windows.CreateFile(wide(path), access, windows.FILE_SHARE_READ, attributes,
		windows.OPEN_ALWAYS, windows.FILE_ATTRIBUTE_NORMAL|windows.FILE_FLAG_OPEN_REPARSE_POINT, 0)
	if err != nil {
		return nil, failed(err, "opening %s", path)
	}
	var is windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(handle, &is); err != nil {
		return nil, errors.Join(failed(err, "looking at %s", path), windows.CloseHandle(handle))
	}
	if is.FileAttributes&windows.FILE_ATTRIBUTE_REPARSE_POINT != 0 {
		return nil, errors.Join(fmt.Errorf("opening %s: it is a link", path), windows.CloseHandle(handle))
	}
	return &file{path, handle}, nil
}

// file is a file being written. It is not an os.File, so that errors say what they mean.
type file struct {
	path   winpath.Path
	handle windows.Handle
}

func (f *file) Write(data []byte) (int, error) {
	written := 0
	for written < len(data) {
		var n uint32
		// A call writes less than 4 GiB.
		part := data[written:min(len(data), written+1<<30)]
		if err := windows.WriteFile(f.handle, part, &n, nil); err != nil {
			return written + int(n), failed(err, "writing %s", f.path)
		}
		written += int(n)
	}
	return written, nil
}

func (f *file) Sync() error {
	if err := windows.FlushFileBuffers(f.handle); err != nil {
		return failed(err, "flushing %s", f.path)
	}
	return nil
}

// Close forgets the handle: Windows gives its number to whatever is opened next.
func (f *file) Close() error {
	handle := f.handle
	f.handle = windows.InvalidHandle
	if err := windows.CloseHandle(handle); err != nil {
		return failed(err, "closing %s", f.path)
	}
	return nil
}
