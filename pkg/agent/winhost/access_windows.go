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
func administratorsOnly() (*windows.SecurityAttributes, error) { return attributes(sddlAdministrators) }

// ownedByAdministrators is for what has the access list that its directory passes on. Whom Windows makes the owner
// otherwise, Administrators or the one who is logged in, depends on a policy.
func ownedByAdministrators() (*windows.SecurityAttributes, error) { return attributes(sddlOwner) }

func attributes(sddl string) (*windows.SecurityAttributes, error) {
	descriptor, err := windows.SecurityDescriptorFromString(sddl)
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
	descriptor, err := windows.GetSecurityInfo(handle, windows.SE_FILE_OBJECT,
		windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return state.AccessState{}, failed(err, "reading the owner and access list of %s", path)
	}
	sddl := descriptor.String()
	return state.AccessState{Level: accessLevel(sddl), SDDL: sddl}, nil
}

// SetAccess changes the owner and the list of a directory, and with the list what the directory has passed on to
// everything below.
func (f files) SetAccess(ctx context.Context, path winpath.Path, access state.AccessState) error {
	is, err := f.Stat(ctx, path)
	if err != nil {
		return err
	}
	sddl, known := settable(access, is.Type == state.PathDirectory)
	if !known {
		return fmt.Errorf("setting access of %s: the level %q cannot be set", path, access.Level)
	}
	change, err := changeOf(sddl)
	if err != nil {
		return failed(err, "reading the access list %q", sddl)
	}
	// Somebody else than who calls can be made the owner only by who may restore files, as administrators may.
	err = withPrivilege(restorePrivilege, func() error { return change.set(path) })
	if err != nil {
		return failed(err, "setting the owner and access list of %s", path)
	}
	return nil
}

// accessChange is a descriptor taken apart.
type accessChange struct {
	what  windows.SECURITY_INFORMATION
	owner *windows.SID
	list  *windows.ACL
}

// changeOf is what a descriptor changes: the list, and the owner if it names one.
func changeOf(sddl string) (accessChange, error) {
	descriptor, err := windows.SecurityDescriptorFromString(sddl)
	if err != nil {
		return accessChange{}, err
	}
	list, _, err := descriptor.DACL()
	if err != nil {
		return accessChange{}, err
	}
	control, _, err := descriptor.Control()
	if err != nil {
		return accessChange{}, err
	}
	change := accessChange{list: list, what: windows.DACL_SECURITY_INFORMATION | windows.UNPROTECTED_DACL_SECURITY_INFORMATION}
	if control&windows.SE_DACL_PROTECTED != 0 {
		change.what = windows.DACL_SECURITY_INFORMATION | windows.PROTECTED_DACL_SECURITY_INFORMATION
	}
	if owner, _, err := descriptor.Owner(); err == nil && owner != nil {
		change.owner = owner
		change.what |= windows.OWNER_SECURITY_INFORMATION
	}
	return change, nil
}

func (c accessChange) set(path winpath.Path) error {
	access := uint32(windows.READ_CONTROL | windows.WRITE_DAC)
	if c.owner != nil {
		access |= windows.WRITE_OWNER
	}
	handle, err := openItself(path, access)
	if err != nil {
		return err
	}
	err = windows.SetSecurityInfo(handle, windows.SE_FILE_OBJECT, c.what, c.owner, nil, c.list, nil)
	return errors.Join(err, windows.CloseHandle(handle))
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
