package ssh

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
)

// Target is a host, and how to get to it. It is not changed after it was given to a pool.
type Target struct {
	// Address is a name or an address, with or without a port, which is 22 otherwise: host, host:2222, 192.0.2.1,
	// 2001:db8::1, [2001:db8::1]:2222.
	Address string
	// User logs in.
	User string
	// Keys are tried in this order, so that a new one can come before an old one while keys are rotated. Package key
	// reads them. Servers count them: that of OpenSSH lets one try six.
	Keys []ssh.Signer
	// HostKeys says on which grounds the host is believed.
	HostKeys hostkey.Policy
	// Jump is a host to go through. Its address is looked up here, that of the target there.
	Jump *Target
}

// defaultPort is that of SSH, see RFC 4253, section 4.1.
const defaultPort = "22"

// hostPort is the address with its port.
func (t *Target) hostPort() (string, error) {
	host, port, err := net.SplitHostPort(t.Address)
	if err != nil { // There is no port, or it is an IPv6 address.
		host, port = strings.TrimSuffix(strings.TrimPrefix(t.Address, "["), "]"), defaultPort
	}
	if err := checkHost(host); err != nil {
		return "", fmt.Errorf("address %q: %w", t.Address, err)
	}
	if number, err := strconv.ParseUint(port, 10, 16); err != nil || number == 0 {
		return "", fmt.Errorf("address %q: the port must be a number from 1 to 65535", t.Address)
	}
	return net.JoinHostPort(host, port), nil
}

func checkHost(host string) error {
	if _, err := netip.ParseAddr(host); err == nil {
		return nil
	}
	switch {
	case host == "":
		return errors.New("there is no host in it")
	case strings.ContainsAny(host, ":/@[] \t\r\n"):
		return errors.New("want a name or an IP address, with or without :port")
	default:
		return nil
	}
}

// identity tells targets apart that must not share a connection. A connection was made with keys that were valid then:
// other keys, or other grounds to believe the host, have to prove themselves in a new one.
func (t *Target) identity() (string, error) {
	digest := sha256.New()
	for hop := t; hop != nil; hop = hop.Jump {
		address, err := hop.hostPort()
		if err != nil {
			return "", err
		}
		fmt.Fprintf(digest, "%q %q %t\n", address, hop.User, hop.HostKeys.FirstUse != nil)
		for _, key := range hop.Keys {
			fmt.Fprintf(digest, "key %s\n", ssh.FingerprintSHA256(key.PublicKey()))
		}
		for _, pin := range hop.HostKeys.Pins {
			fmt.Fprintf(digest, "pin %q\n", pin)
		}
		for _, authority := range hop.HostKeys.Authorities {
			fmt.Fprintf(digest, "authority %s\n", ssh.FingerprintSHA256(authority))
		}
	}
	return hex.EncodeToString(digest.Sum(nil)), nil
}
