package registry

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
)

// forbiddenAddressError tells that a host may not be connected to.
type forbiddenAddressError struct{ host string }

func (e *forbiddenAddressError) Error() string {
	return fmt.Sprintf("%s is a link-local, metadata or multicast address", e.host)
}

// isMetadataAddress knows where clouds serve instance metadata outside the link-local ranges.
func isMetadataAddress(address netip.Addr) bool {
	switch address.String() {
	case "fd00:ec2::254", // AWS, https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
		"fd20:ce::254",    // Google Cloud, https://cloud.google.com/compute/docs/metadata/querying-metadata
		"168.63.129.16",   // Azure, https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
		"100.100.100.200": // Alibaba Cloud, https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata
		return true
	default:
		return false
	}
}

// isMetadataName knows the names that clouds give to those addresses. Resolving them would lead to a refused
// address anyway; the list is for requests through a proxy, which resolves names itself.
func isMetadataName(name string) bool {
	switch name {
	case "metadata.google.internal", "metadata.goog", "metadata", "instance-data", "instance-data.ec2.internal":
		return true
	default:
		return false
	}
}

// refuseAddress is the Control of a net.Dialer: it sees the address that is about to be connected to, after the
// name was resolved, so that no DNS name and no spelling gets round it.
func refuseAddress(_, address string, _ syscall.RawConn) error {
	resolved, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("reading dialled address %q: %w", address, err)
	}
	if forbidden(resolved.Addr()) {
		return &forbiddenAddressError{host: resolved.Addr().String()}
	}
	return nil
}

// refuseHost judges the host of a URL as it is spelled. Names other than the clouds' own pass: what they
// resolve to is judged by refuseAddress, or by the proxy.
func refuseHost(host string) error {
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	if address, ok := parseLiteral(name); isMetadataName(name) || ok && forbidden(address) {
		return &forbiddenAddressError{host: host}
	}
	return nil
}

// forbidden tells whether an address may not be connected to. Loopback and private addresses may: that is
// where in-cluster registries live.
func forbidden(address netip.Addr) bool {
	address = withoutNAT64(address.WithZone("").Unmap())
	broadcast := netip.AddrFrom4([4]byte{255, 255, 255, 255})
	return address.IsLinkLocalUnicast() || address.IsMulticast() || address.IsUnspecified() ||
		address == broadcast || isMetadataAddress(address)
}

// withoutNAT64 takes the IPv4 address out of one with the well-known prefix 64:ff9b::/96, RFC 6052.
func withoutNAT64(address netip.Addr) netip.Addr {
	bytes := address.As16()
	if !address.Is6() || [12]byte(bytes[:12]) != [12]byte{0x00, 0x64, 0xff, 0x9b} {
		return address
	}
	return netip.AddrFrom4([4]byte(bytes[12:]))
}

// parseLiteral reads an IP address, also in the old forms that resolvers and proxies take from inet_aton(3):
// 2852039166, 0xa9fea9fe, 169.254.43518, 0251.0376.0251.0376.
func parseLiteral(host string) (netip.Addr, bool) {
	host, _, _ = strings.Cut(host, "%")
	if address, err := netip.ParseAddr(host); err == nil {
		return address, true
	}
	parts := strings.Split(host, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var value uint32
	for i, part := range parts {
		// The last part fills all the bytes that the others left.
		bits := 8
		if i == len(parts)-1 {
			bits = 8 * (5 - len(parts))
		}
		number, err := strconv.ParseUint(part, 0, bits)
		if err != nil {
			return netip.Addr{}, false
		}
		value = value<<bits | uint32(number) // #nosec G115 -- ParseUint bounds it.
	}
	return netip.AddrFrom4([4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)}), true
}
