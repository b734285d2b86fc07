package winhost

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/test/winhost/guest"
	"github.com/mullion-dev/mullion/test/winhost/registry"
)

const (
	anchorProgram = guest.Folder + `\bin\anchor.exe`
	sshdProgram   = `C:\Windows\System32\OpenSSH\sshd.exe`
)

// programsOnHost says which of our files is where on a host. They are links: fifty hosts share them.
func programsOnHost() map[string]string {
	const system32 = `C:\Windows\System32\`
	programs := map[string]string{
		anchorProgram:                     "anchor.exe",
		sshdProgram:                       "sshd.exe",
		system32 + "shutdown.exe":         "shutdown.exe",
		system32 + "bcryptprimitives.dll": "bcryptprimitives.dll",
	}
	for name := range additions() {
		programs[system32+name+".dll"] = name + ".dll"
	}
	for _, r := range replacements() {
		for _, dll := range []string{r.name + ".dll", r.name + "_real.dll"} {
			programs[system32+dll] = dll
		}
	}
	for _, place := range tools() {
		programs[system32+place] = "standin.exe"
	}
	return programs
}

// overrides make Wine load our files in place of its own, and leave out what no host needs.
func overrides() string {
	ours := []string{"shutdown.exe"}
	for _, tool := range slices.Sorted(maps.Keys(tools())) {
		ours = append(ours, tool+".exe")
	}
	return "WINEDLLOVERRIDES=sechost,iphlpapi,bcryptprimitives=n,b;" + strings.Join(ours, ",") + "=n;mscoree,mshtml,winemenubuilder.exe="
}

func (h *Host) installPrograms() error {
	for place, program := range programsOnHost() {
		path, err := h.Path(place)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("making the folder of %s: %w", place, err)
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("replacing %s: %w", place, err)
		}
		if err := os.Symlink(filepath.Join(programFolder, program), path); err != nil {
			return fmt.Errorf("replacing %s: %w", place, err)
		}
	}
	for _, folder := range []string{guest.LogFolder, guest.CallFolder, guest.ScriptFolder} {
		path, err := h.Path(folder)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(path, 0o755); err != nil {
			return fmt.Errorf("making %s: %w", folder, err)
		}
	}
	return registry.Set(h.chassis.disk, append(h.options.registry(h.IP()), h.sshService())...)
}

// sshService registers the SSH server as OpenSSH's installation does.
func (h *Host) sshService() registry.Key {
	const ownProcess, automatic, normal = 0x10, 2, 1
	return registry.Key{Path: `HKLM\System\CurrentControlSet\Services\sshd`, Values: registry.Values{
		"Type": uint32(ownProcess), "Start": uint32(automatic), "ErrorControl": uint32(normal),
		"ImagePath":   sshdProgram + " -listen " + h.IP() + ":0",
		"DisplayName": "OpenSSH SSH Server", "ObjectName": "LocalSystem",
		"Description": "SSH protocol based service to provide secure encrypted communications between two untrusted hosts over an insecure network.",
	}}
}
