package winhost

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/windows"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

type files struct{}

var _ host.FileSystem = files{}

// shareAll lets others do whatever they want with a file that we have open.
const shareAll = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE

// extended is the form of a path that may be longer than 260 characters. Windows takes it literally, which is no loss: a
// winpath.Path has neither dots nor slashes to be resolved.
func extended(path winpath.Path) string { return `\\?\` + string(path) }

// wide is the extended path as Windows' calls take it. No path has a zero character in it.
func wide(path winpath.Path) *uint16 {
	text, err := windows.UTF16PtrFromString(extended(path))
	if err != nil {
		return new(uint16)
	}
	return text
}

func (files) Stat(_ context.Context, path winpath.Path) (host.FileInfo, error) {
	info, err := os.Lstat(extended(path))
	if err != nil {
		return host.FileInfo{}, failed(err, "looking at %s", path)
	}
	described := describe(info)
	described.Name = path.Base()
	return described, nil
}

// describe takes any reparse point for a link, also those that Go does not.
func describe(info fs.FileInfo) host.FileInfo {
	described := host.FileInfo{Name: info.Name(), Type: state.PathFile, Size: info.Size(), Modified: info.ModTime()}
	attributes, known := info.Sys().(*syscall.Win32FileAttributeData)
	switch {
	case known && attributes.FileAttributes&windows.FILE_ATTRIBUTE_REPARSE_POINT != 0:
		described.Type = state.PathLink
	case info.IsDir():
		described.Type = state.PathDirectory
	}
	if described.Type != state.PathFile {
		described.Size = 0
	}
	return described
}

func (files) List(_ context.Context, path winpath.Path) ([]host.FileInfo, error) {
	entries, err := os.ReadDir(extended(path))
	if err != nil {
		return nil, failed(err, "listing %s", path)
	}
	infos := make([]host.FileInfo, 0, len(entries))
	for _, entry := range entries {
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // Somebody has just deleted it.
		}
		if err != nil {
			return nil, failed(err, "looking at %s", path.Join(entry.Name()))
		}
		infos = append(infos, describe(info))
	}
	return infos, nil
}

func (files) Open(_ context.Context, path winpath.Path) (io.ReadCloser, error) {
	handle, err := windows.CreateFile(wide(path), windows.GENERIC_READ, shareAll, nil,
		windows.OPEN_EXISTING, windows.FILE_FLAG_SEQUENTIAL_SCAN, 0)
	if err != nil {
		return nil, failed(err, "opening %s", path)
	}
	return os.NewFile(uintptr(handle), string(path)), nil
}

func (f files) MakeDirectory(_ context.Context, path winpath.Path) error {
	attributes, err := ownedByAdministrators()
	if err != nil {
		return fmt.Errorf("making directory %s: %w", path, err)
	}
	if err := windows.CreateDirectory(wide(path), attributes); err != nil {
		return failed(err, "making directory %s", path)
	}
	return nil
}

func (f files) Rename(_ context.Context, from, to winpath.Path) error {
	move := func() error {
		return windows.MoveFileEx(wide(from), wide(to), windows.MOVEFILE_REPLACE_EXISTING|windows.MOVEFILE_WRITE_THROUGH)
	}
	err := move()
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) && makeWritable(to) {
		err = move()
	}
	if err != nil {
		return failed(deniedBecause(err, from, to), "renaming %s to %s", from, to)
	}
	return nil
}

func (f files) Remove(_ context.Context, path winpath.Path) error {
	info, err := os.Lstat(extended(path))
	if err != nil {
		return failed(err, "looking at %s", path)
	}
	remove := windows.DeleteFile
	// A link to a directory is a directory, too, and this does not follow it.
	if attributes, known := info.Sys().(*syscall.Win32FileAttributeData); known &&
		attributes.FileAttributes&windows.FILE_ATTRIBUTE_DIRECTORY != 0 {
		remove = windows.RemoveDirectory
	}
	err = remove(wide(path))
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) && makeWritable(path) {
		err = remove(wide(path))
	}
	if err != nil {
		return failed(deniedBecause(err, path), "deleting %s", path)
	}
	return nil
}

// makeWritable takes the mark off a file that is read-only; false if it has none.
func makeWritable(path winpath.Path) bool {
	attributes, err := windows.GetFileAttributes(wide(path))
	if err != nil || attributes&windows.FILE_ATTRIBUTE_READONLY == 0 || attributes&windows.FILE_ATTRIBUTE_REPARSE_POINT != 0 {
		return false
	}
	return windows.SetFileAttributes(wide(path), attributes&^windows.FILE_ATTRIBUTE_READONLY) == nil
}

// deniedBecause tells a program that runs, which Windows answers with "access denied", from access that is denied: who
// may delete the file can open it to do so.
func deniedBecause(err error, paths ...winpath.Path) error {
	if !errors.Is(err, windows.ERROR_ACCESS_DENIED) {
		return err
	}
	for _, path := range paths {
		handle, opening := windows.CreateFile(wide(path), windows.DELETE, shareAll, nil, windows.OPEN_EXISTING,
			windows.FILE_FLAG_OPEN_REPARSE_POINT|windows.FILE_FLAG_BACKUP_SEMANTICS, 0)
		if errors.Is(opening, windows.ERROR_ACCESS_DENIED) {
			return err
		}
		if opening == nil {
			_ = windows.CloseHandle(handle) // Nothing was done with it.
		}
	}
	return fmt.Errorf("%w (error %d: %w)", host.ErrInUse, uint32(windows.ERROR_ACCESS_DENIED), err)
}
