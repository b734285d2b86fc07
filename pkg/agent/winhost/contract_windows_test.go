package winhost

import (
	"testing"

	"golang.org/x/sys/windows"

	"github.com/mullion-dev/mullion/pkg/agent/hosttest"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// wineDiffers are the contracts that Windows keeps and Wine does not, each with the reason.
func wineDiffers() map[string]string {
	const noAccess = "Wine maps an access list to the mode of a file on Linux, and that to another list: it is not asked"
	return map[string]string{
		"a file or directory has the access of its directory unless it is restricted": noAccess,
		"a journal is for administrators":                                             noAccess,
		"a restricted file is for administrators, also where another one was":         noAccess,
		"access goes with a file that is renamed":                                     noAccess,
		"access is read as it was set":                                                noAccess,
		"what is made belongs to administrators, whoever is logged in":                noAccess,
		"what somebody else owns is not for administrators, whatever its list says":   noAccess,
		"who owned something owns it again when its access is given back":             noAccess,
		"a name can change its case":                                                  "Wine takes both names for the same, and does nothing",
		"a program that runs cannot be appended to":                                   "Wine refuses to open a program for writing, but not for appending",
		"a service that is marked for deletion does not start":                        "Wine's service manager looks at the mark only when a service is changed",
	}
}

func TestThisHostKeepsTheContracts(t *testing.T) {
	differences := map[string]string{}
	if underWine() {
		differences = wineDiffers()
	}
	hosttest.Run(t, func(t *testing.T) hosttest.Subject {
		t.Helper()
		on, err := Open("")
		if err != nil {
			t.Fatal(err)
		}
		return hosttest.Subject{
			Host: on, Directory: directory(t),
			Program: func(path winpath.Path, service string) []string {
				copyOfSelf(t, path)
				return []string{asService, service}
			},
			Broken: func(path winpath.Path, service string) []string {
				copyOfSelf(t, path)
				return []string{asFailure, service}
			},
			HoldFile: func(path winpath.Path) func() {
				handle, err := windows.CreateFile(
					wide(path), windows.GENERIC_READ, windows.FILE_SHARE_READ, nil, windows.OPEN_EXISTING, 0, 0)
				if err != nil {
					t.Fatal(err)
				}
				return func() { closeRead(handle) }
			},
			HoldService: func(name string) func() { return other(t, self(t), asHandle, name) },
			HoldLock: func(path winpath.Path) (string, func()) {
				return holderOfLock, other(t, self(t), asHolder, string(path))
			},
		}
	}, differences)
}
