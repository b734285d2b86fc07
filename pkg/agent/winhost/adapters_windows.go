package winhost

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// adapter is an interface as routes know it.
type adapter struct {
	name  string
	index uint32
	// metrics are what packets by it cost, by address family.
	metrics map[uint16]uint32
}

// adaptersSize is what Microsoft recommends to begin with, in bytes.
// Source: https://learn.microsoft.com/windows/win32/api/iphlpapi/nf-iphlpapi-getadaptersaddresses.
const adaptersSize = 15 << 10

// adapters are all interfaces, whether or not they are up.
func adapters() ([]adapter, error) {
	const without = windows.GAA_FLAG_SKIP_ANYCAST | windows.GAA_FLAG_SKIP_MULTICAST | windows.GAA_FLAG_SKIP_DNS_SERVER
	for size := uint32(adaptersSize); ; {
		// Of 64-bit numbers, because the list begins with one.
		room := make([]uint64, (size+7)/8)
		first := (*windows.IpAdapterAddresses)(unsafe.Pointer(&room[0]))
		err := windows.GetAdaptersAddresses(windows.AF_UNSPEC, without, 0, first, &size)
		switch {
		case errors.Is(err, windows.ERROR_BUFFER_OVERFLOW) && int(size) > 8*len(room):
			continue // An interface has come meanwhile, or there are many.
		case errors.Is(err, windows.ERROR_NO_DATA):
			return nil, nil
		case err != nil:
			return nil, fmt.Errorf("listing interfaces: %w", err)
		}
		var all []adapter
		for one := first; one != nil; one = one.Next {
			index := one.IfIndex
			if index == 0 {
				index = one.Ipv6IfIndex // It has no IPv4.
			}
			all = append(all, adapter{windows.UTF16PtrToString(one.FriendlyName), index, map[uint16]uint32{
				windows.AF_INET: one.Ipv4Metric, windows.AF_INET6: one.Ipv6Metric,
			}})
		}
		return all, nil
	}
}
