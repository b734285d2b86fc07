package winhost

import (
	"encoding/binary"
	"net"
	"net/netip"

	"golang.org/x/sys/windows"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// networks are the interfaces that are up, without the loopback.
func networks() []state.Network {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil
	}
	var networks []state.Network
	for _, one := range interfaces {
		if one.Flags&net.FlagUp == 0 || one.Flags&net.FlagLoopback != 0 {
			continue
		}
		network := state.Network{Name: one.Name, MAC: one.HardwareAddr.String(), MTU: one.MTU}
		addresses, err := one.Addrs()
		if err != nil {
			continue // It has just gone down.
		}
		for _, address := range addresses {
			network.Addresses = append(network.Addresses, address.String())
		}
		networks = append(networks, network)
	}
	return networks
}

// defaultRoute is the preferred route to everywhere, by IPv4 if there is one.
func defaultRoute() *state.Route {
	ways, err := routesTo(windows.AF_INET, netip.PrefixFrom(netip.IPv4Unspecified(), 0))
	if err != nil || len(ways) == 0 {
		ways, err = routesTo(windows.AF_INET6, netip.PrefixFrom(netip.IPv6Unspecified(), 0))
	}
	if err != nil || len(ways) == 0 {
		return nil
	}
	return &ways[0]
}

func address(raw windows.RawSockaddrInet) (netip.Addr, bool) {
	var bytes [24]byte
	for i, part := range raw.Data {
		binary.NativeEndian.PutUint32(bytes[4*i:], part)
	}
	switch raw.Family {
	case windows.AF_INET:
		return netip.AddrFrom4([4]byte(bytes[:4])), true
	case windows.AF_INET6:
		return netip.AddrFrom16([16]byte(bytes[4:20])), true // Behind the flow information.
	default:
		return netip.Addr{}, false
	}
}

// windowsText is text with zeros in it, which the conversions of package windows end at.
func windowsText(text []uint16) string {
	runes := make([]rune, 0, len(text))
	for _, c := range text {
		runes = append(runes, rune(c))
	}
	return string(runes)
}
