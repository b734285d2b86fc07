package winhost

import (
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/sys/windows"
)

// restorePrivilege is the right to restore files: to make anybody their owner.
const restorePrivilege = "SeRestorePrivilege"

// withPrivilege does something with a right that whoever runs the agent has, and that has to be asked for. Only the thread
// that does it has it meanwhile.
func withPrivilege(name string, do func() error) (err error) {
	wanted, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return err
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := windows.ImpersonateSelf(windows.SecurityImpersonation); err != nil {
		return fmt.Errorf("asking for %s: %w", name, err)
	}
	defer func() { err = errors.Join(err, windows.RevertToSelf()) }()
	var token windows.Token
	err = windows.OpenThreadToken(windows.CurrentThread(), windows.TOKEN_ADJUST_PRIVILEGES, false, &token)
	if err != nil {
		return fmt.Errorf("asking for %s: %w", name, err)
	}
	defer func() { err = errors.Join(err, token.Close()) }()
	privileges := windows.Tokenprivileges{PrivilegeCount: 1}
	privileges.Privileges[0].Attributes = windows.SE_PRIVILEGE_ENABLED
	if err := windows.LookupPrivilegeValue(nil, wanted, &privileges.Privileges[0].Luid); err != nil {
		return fmt.Errorf("asking for %s: %w", name, err)
	}
	if err := windows.AdjustTokenPrivileges(token, false, &privileges, 0, nil, nil); err != nil {
		return fmt.Errorf("asking for %s: %w", name, err)
	}
	return do()
}
