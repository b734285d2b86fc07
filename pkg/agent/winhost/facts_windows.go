package winhost

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
	"github.com/mullion-dev/mullion/pkg/version"
)

const (
	versionKey = `SOFTWARE\Microsoft\Windows NT\CurrentVersion`
	bootKey    = `SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters`
)

// Facts asks neither WMI nor DISM, either of which takes seconds.
func (s system) Facts(ctx context.Context, names []string) (state.Facts, error) {
	release := windows.RtlGetVersion()
	hostname, next, err := hostnames()
	if err != nil {
		return state.Facts{}, failed(err, "reading the hostname")
	}
	facts := state.Facts{
		Schema:          state.Schema,
		AgentVersion:    version.Get().String(),
		Build:           fmt.Sprintf("%d.%d.%d", release.MajorVersion, release.MinorVersion, release.BuildNumber),
		Hostname:        hostname,
		PendingHostname: next,
		Domain:          domain(),
		BootID:          bootID(),
		Time:            time.Now().UTC(),
		MemoryBytes:     memory(),
		Disks:           disks(),
		Networks:        networks(),
		DefaultRoute:    defaultRoute(),
		SSHShell:        sshShell(),
		Service:         s.service,
	}
	withMachineKey(versionKey, func(key registry.Key) {
		facts.UBR = uint32(number(key, "UBR"))
		facts.Edition, facts.InstallationType = text(key, "EditionID"), text(key, "InstallationType")
	})
	facts.Language = language()
	facts.PendingReboot = pendingReboot()
	facts.Features = selectedFeatures()
	all, err := listServices()
	if err != nil {
		return facts, err
	}
	facts.Services = summaries(all, names)
	facts.Defender = defender(all)
	facts.Listeners = listeners(all)
	facts.ContainerNetworks = runningNetworks(ctx, all)
	return facts, ctx.Err()
}

// withMachineKey does something with a key, if it is there.
func withMachineKey(path string, do func(registry.Key)) bool {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE|registry.ENUMERATE_SUB_KEYS|registry.WOW64_64KEY)
	if err != nil {
		return false
	}
	defer key.Close()
	do(key)
	return true
}

func hasMachineKey(path string) bool { return withMachineKey(path, func(registry.Key) {}) }

// text and number are a value of a key; what is not there is zero.
func text(key registry.Key, name string) string {
	value, _, err := key.GetStringValue(name)
	if err != nil {
		return ""
	}
	return value
}

func number(key registry.Key, name string) uint64 {
	value, _, err := key.GetIntegerValue(name)
	if err != nil {
		return 0
	}
	return value
}

// bootID is a number that Windows counts up with each boot.
func bootID() (id string) {
	withMachineKey(bootKey, func(key registry.Key) {
		if boot := number(key, "BootId"); boot != 0 {
			id = strconv.FormatUint(boot, 10)
		}
	})
	if id == "" {
		const resolution = 10 * time.Second // Of two clocks that are read one after the other.
		id = "booted-" + time.Now().Add(-windows.DurationSinceBoot()).Round(resolution).UTC().Format(time.RFC3339)
	}
	return id
}

// language is the one that Windows was installed in; the formats of a user may be of another.
func language() (name string) {
	withMachineKey(`SYSTEM\CurrentControlSet\Control\Nls\Language`, func(key registry.Key) {
		id, err := strconv.ParseUint(text(key, "InstallLanguage"), 16, 32)
		if err != nil {
			return
		}
		buffer := make([]uint16, 85) // LOCALE_NAME_MAX_LENGTH
		convert := windows.NewLazySystemDLL("kernel32.dll").NewProc("LCIDToLocaleName")
		if length, _, _ := convert.Call(uintptr(id), uintptr(unsafe.Pointer(&buffer[0])), uintptr(len(buffer)), 0); length > 0 {
			name = windows.UTF16ToString(buffer)
		}
	})
	return name
}

func domain() string {
	const member = 3 // NetSetupDomainName
	var (
		name *uint16
		kind uint32
	)
	if err := windows.NetGetJoinInformation(nil, &name, &kind); err != nil {
		return ""
	}
	defer func() { _ = windows.NetApiBufferFree((*byte)(unsafe.Pointer(name))) }()
	if kind != member {
		return ""
	}
	return windows.UTF16PtrToString(name)
}

func memory() int64 {
	status := struct {
		length, load                                                            uint32
		total, available, totalPage, freePage, totalVirtual, freeVirtual, extra uint64
	}{}
	status.length = uint32(unsafe.Sizeof(status))
	ask := windows.NewLazySystemDLL("kernel32.dll").NewProc("GlobalMemoryStatusEx")
	if ok, _, _ := ask.Call(uintptr(unsafe.Pointer(&status))); ok == 0 {
		return 0
	}
	return int64(status.total)
}

func disks() []state.Disk {
	buffer := make([]uint16, 4*26+1) // A:\ and a zero for each letter.
	length, err := windows.GetLogicalDriveStrings(uint32(len(buffer)), &buffer[0])
	if err != nil || int(length) > len(buffer) {
		return nil
	}
	var disks []state.Disk
	for _, drive := range strings.Split(strings.TrimRight(windowsText(buffer[:length]), "\x00"), "\x00") {
		path, err := winpath.Parse(drive)
		root, converting := windows.UTF16PtrFromString(drive)
		if err != nil || converting != nil || windows.GetDriveType(root) != windows.DRIVE_FIXED {
			continue
		}
		var size, free uint64
		if err := windows.GetDiskFreeSpaceEx(root, &free, &size, nil); err != nil {
			continue // Locked by BitLocker, for example.
		}
		disks = append(disks, state.Disk{Drive: path, SizeBytes: int64(size), FreeBytes: int64(free)})
	}
	return disks
}

// sshShell is what OpenSSH runs commands with; without a setting, cmd.exe.
func sshShell() winpath.Path {
	shell := ""
	withMachineKey(`SOFTWARE\OpenSSH`, func(key registry.Key) { shell = text(key, "DefaultShell") })
	if shell == "" {
		directory, err := windows.GetSystemDirectory()
		if err != nil {
			return ""
		}
		shell = directory + `\cmd.exe`
	}
	path, err := winpath.Parse(shell)
	if err != nil {
		return ""
	}
	return path
}

// pendingReboot leaves out files that wait to be renamed: almost any program that updates itself has some.
func pendingReboot() []string {
	const root = `SOFTWARE\Microsoft\Windows\CurrentVersion\`
	var reasons []string
	if hasMachineKey(root + `Component Based Servicing\RebootPending`) {
		reasons = append(reasons, "component servicing")
	}
	if hasMachineKey(root + `WindowsUpdate\Auto Update\RebootRequired`) {
		reasons = append(reasons, "Windows Update")
	}
	return reasons
}
