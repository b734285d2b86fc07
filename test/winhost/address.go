package winhost

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
)

// reservationPort is where a host's address is held: the protocol on it, discard, is one that nobody speaks.
const reservationPort = 9

// reserveAddress finds a loopback address that no other host has, so that hosts can use the same ports. It is the
// host's, also against other processes, until the reservation is closed.
func reserveAddress() (netip.Addr, *net.UDPConn, error) {
	var last error
	for range 100 {
		// 127.64.0.0/10 is far from the addresses that people choose.
		random := rand.Uint32()
		address := netip.AddrFrom4([4]byte{127, 64 | byte(random>>16)&0x3f, byte(random >> 8), byte(random)})
		if address.As4()[3] == 0 || address.As4()[3] == 255 {
			continue
		}
		reservation, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(address, reservationPort)))
		if err == nil {
			return address, reservation, nil
		}
		last = errors.Join(err)
	}
	return netip.Addr{}, nil, fmt.Errorf("reserving an address for a host: %w", last)
}
