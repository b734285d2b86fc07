package winhost

import (
	"context"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// Kinds of names that Windows can be asked for and given. The physical one is what the registry has for the next boot;
// package os shows that one.
const (
	dnsHostname         = 1 // ComputerNameDnsHostname
	physicalDNSHostname = 5 // ComputerNamePhysicalDnsHostname
)

// SetHostname sets the name of the host in DNS, from which Windows makes the NetBIOS name.
func (system) SetHostname(_ context.Context, name string) error {
	text, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return failed(err, "reading the hostname %q", name)
	}
	set := windows.NewLazySystemDLL("kernel32.dll").NewProc("SetComputerNameExW")
	if ok, _, err := set.Call(physicalDNSHostname, uintptr(unsafe.Pointer(text))); ok == 0 {
		return failed(err, "setting the hostname %s", name)
	}
	return nil
}

// hostnames are the name that is in force, and the one that is from the next boot on, if that is another one.
func hostnames() (current, pending string, err error) {
	if current, err = computerName(dnsHostname); err != nil {
		return "", "", err
	}
	if pending, err = computerName(physicalDNSHostname); err != nil {
		return "", "", err
	}
	const names = `SYSTEM\CurrentControlSet\Control\ComputerName\`
	// Wine answers any question with the name that was set last; what a boot has made of it is in the registry.
	if active := registryName(names + "ActiveComputerName"); underWine() && !sameName(active, current) {
		current = active
	}
	// Tools that predate DNS set the NetBIOS name alone.
	if next := registryName(names + "ComputerName"); next != "" && !sameName(next, pending) {
		pending = next
	}
	if strings.EqualFold(pending, current) {
		pending = ""
	}
	return current, pending, nil
}

// sameName tells whether a NetBIOS name, which has 15 characters at most, is that of a name in DNS.
func sameName(netBIOS, dns string) bool {
	const longest = 15
	return strings.EqualFold(netBIOS, dns[:min(len(dns), longest)])
}

func registryName(key string) (name string) {
	withMachineKey(key, func(opened registry.Key) { name = text(opened, "ComputerName") })
	return name
}

func computerName(kind uint32) (string, error) {
	buffer := make([]uint16, 256) // A label of DNS has 63 characters.
	length := uint32(len(buffer))
	if err := windows.GetComputerNameEx(kind, &buffer[0], &length); err != nil {
		return "", err
	}
	return windows.UTF16ToString(buffer[:length]), nil
}
