package winhost

import (
	"context"
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// administratorsOnly is for a file that only SYSTEM and Administrators have access to from its first moment on.
func administratorsOnly() (*windows.SecurityAttributes, error) {
	descriptor, err := windows.SecurityDescriptorFromString(sddlAdministrators)
	if err != nil {
		return nil, failed(err, "building an access list")
	}
	attributes := &windows.SecurityAttributes{SecurityDescriptor: descriptor}
	attributes.Length = uint32(unsafe.Sizeof(*attributes))
	return attributes, nil
}

func (files) Access(_ context.Context, path winpath.Path) (state.AccessState, error) {
	handle, err := openItself(path, windows.READ_CONTROL)
	if err != nil {
		return state.AccessState{}, failed(err, "opening %s", path)
	}
	defer closeRead(handle)
	if !keepsAccess(path) {
		return state.AccessState{Level: state.AccessLevelUnknown}, nil
	}
	descriptor, err := windows.GetSecurityInfo(handle, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return state.AccessState{}, failed(err, "reading the access list of %s", path)
	}
	sddl := descriptor.String()
	return state.AccessState{Level: accessLevel(sddl), SDDL: sddl}, nil
}

// SetAccess changes the list of a directory, and with it what the directory has passed on to everything below.
func (f files) SetAccess(ctx context.Context, path winpath.Path, access state.AccessState) error {
	is, err := f.Stat(ctx, path)
	if err != nil {
		return err
	}
	var sddl string
	switch access.Level {
	case state.AccessLevelInherited:
		sddl = "D:AI"
	case state.AccessLevelAdministrators:
		sddl = sddlAdministrators
		if is.Type == state.PathDirectory {
			sddl = sddlAdministratorsTree
		}
	case state.AccessLevelOther:
		sddl = access.SDDL
	default:
		return fmt.Errorf("setting access of %s: the level %q cannot be set", path, access.Level)
	}
	descriptor, err := windows.SecurityDescriptorFromString(sddl)
	if err != nil {
		return failed(err, "reading the access list %q", sddl)
	}
	list, _, err := descriptor.DACL()
	if err != nil {
		return failed(err, "reading the access list %q", sddl)
	}
	control, _, err := descriptor.Control()
	if err != nil {
		return failed(err, "reading the access list %q", sddl)
	}
	what := windows.SECURITY_INFORMATION(windows.DACL_SECURITY_INFORMATION | windows.UNPROTECTED_DACL_SECURITY_INFORMATION)
	if control&windows.SE_DACL_PROTECTED != 0 {
		what = windows.DACL_SECURITY_INFORMATION | windows.PROTECTED_DACL_SECURITY_INFORMATION
	}
	handle, err := openItself(path, windows.READ_CONTROL|windows.WRITE_DAC)
	if err != nil {
		return failed(err, "opening %s", path)
	}
	err = windows.SetSecurityInfo(handle, windows.SE_FILE_OBJECT, what, nil, nil, list, nil)
	if err = errors.Join(err, windows.CloseHandle(handle)); err != nil {
		return failed(err, "setting the access list of %s", path)
	}
	return nil
}

// openItself opens a file or directory, and of a link the link.
func openItself(path winpath.Path, access uint32) (windows.Handle, error) {
	return windows.CreateFile(wide(path), access, shareAll, nil, windows.OPEN_EXISTING,
		windows.FILE_FLAG_OPEN_REPARSE_POINT|windows.FILE_FLAG_BACKUP_SEMANTICS, 0)
}

// closeRead closes what was only read from.
func closeRead(handle windows.Handle) { _ = windows.CloseHandle(handle) }

// keepsAccess tells whether what is set as access comes back. On FAT there is none; and Wine maps a list to the mode of
// a file on Linux, and that back to another list, while it says that its drives keep lists.
func keepsAccess(path winpath.Path) bool {
	root, err := windows.UTF16PtrFromString(string(path.Drive()))
	if err != nil || underWine() {
		return false
	}
	var flags uint32
	err = windows.GetVolumeInformation(root, nil, 0, nil, nil, &flags, nil, 0)
	return err == nil && flags&windows.FILE_PERSISTENT_ACLS != 0
}

// underWine tells whether this is not Windows, by a function that only Wine's ntdll.dll has.
func underWine() bool {
	return windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil
}
