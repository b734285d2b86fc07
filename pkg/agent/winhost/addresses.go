package winhost

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// everything is how the firewall writes that a rule is for all ports, or all addresses.
const everything = "*"

// setPorts reads the list of ports that the firewall shows; false if there are ranges in it, or names such as RPC, which a
// desired state cannot say.
func setPorts(rule *state.FirewallRule, text string) bool {
	if text == "" || text == everything {
		return true
	}
	var ports []uint16
	for part := range strings.SplitSeq(text, ",") {
		port, err := strconv.ParseUint(strings.TrimSpace(part), 10, 16)
		if err != nil {
			return false
		}
		ports = append(ports, uint16(port))
	}
	slices.Sort(ports)
	rule.Ports = ports
	return true
}

// parseRemotes reads the list of addresses that the firewall shows: a prefix that was set as 10.0.0.0/8 comes back as
// 10.0.0.0/255.0.0.0, and an address as one with all bits. What is neither, such as LocalSubnet, stays as it is.
func parseRemotes(text string) []string {
	var remotes []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if part == everything {
			return nil
		}
		if prefix, ok := parsePrefix(part); ok {
			part = prefix.Masked().String()
		}
		remotes = append(remotes, part)
	}
	slices.Sort(remotes)
	return remotes
}

func parsePrefix(text string) (netip.Prefix, bool) {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return prefix, true
	}
	head, tail, masked := strings.Cut(text, "/")
	address, err := netip.ParseAddr(head)
	if err != nil || address.Zone() != "" {
		return netip.Prefix{}, false
	}
	if !masked {
		return netip.PrefixFrom(address, address.BitLen()), true
	}
	mask, err := netip.ParseAddr(tail)
	if err != nil || !mask.Is4() || !address.Is4() {
		return netip.Prefix{}, false
	}
	ones, bits := net.IPMask(mask.AsSlice()).Size()
	return netip.PrefixFrom(address, ones), bits != 0 // 0 of 0 bits is what no mask of a prefix has.
}
