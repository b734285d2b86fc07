package hostkey

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"slices"

	"golang.org/x/crypto/ssh"
)

// Check is the examination of one host in one attempt to connect, which may take several handshakes: see the package's
// comment. Algorithms and Key are for the client configuration of each handshake; After says what follows from one that
// failed. It is used by one goroutine at a time.
type Check struct {
	address     string
	pins        []Pin
	authorities []ssh.PublicKey
	// record keeps the first key that the host shows. It is nil unless that is to be believed.
	record func(Pin) error

	shown []Pin
	// judged is whether the present handshake came to a key, and refusal what became of the last key.
	judged  bool
	refusal error
	// certified is whether a certificate was shown. The host is not asked for it twice.
	certified bool
	// probing is whether the present handshake is only to find out what the host has.
	probing  bool
	believed *Pin
}

// Algorithms are the HostKeyAlgorithms of the next handshake.
func (c *Check) Algorithms() []string {
	if c.probing {
		return slices.Concat(algorithms(plainTypes()), certificateAlgorithms())
	}
	var list []string
	if len(c.authorities) > 0 && !c.certified {
		list = certificateAlgorithms()
	}
	return append(list, algorithms(c.types())...)
}

// types are those of the keys that may still turn out to be good.
func (c *Check) types() []string {
	if len(c.authorities) > 0 && len(c.pins) == 0 {
		return nil
	}
	return slices.DeleteFunc(plainTypes(), func(keyType string) bool {
		wanted := len(c.pins) == 0 || slices.ContainsFunc(c.pins, func(p Pin) bool { return p.Type == "" || p.Type == keyType })
		seen := slices.ContainsFunc(c.shown, func(p Pin) bool { return p.Type == keyType })
		return !wanted || seen
	})
}

func algorithms(types []string) []string {
	var list []string
	for _, keyType := range types {
		list = append(list, plainAlgorithms(keyType)...)
	}
	return list
}

// Key is the HostKeyCallback.
func (c *Check) Key(address string, remote net.Addr, key ssh.PublicKey) error {
	shown := PinOf(key)
	if c.believed != nil {
		return c.again(shown)
	}
	c.shown, c.judged = append(c.shown, shown), true
	_, certified := key.(*ssh.Certificate)
	c.certified = c.certified || certified
	if c.refusal = c.judge(address, remote, key, shown); c.refusal != nil {
		return c.refusal
	}
	c.believed = &shown
	return nil
}

// again is for a connection that exchanges its keys anew, as it does after an hour or a gigabyte. The attempt to connect is
// over by then, with its context; and all that there is to ask is whether this is still the host that was believed.
func (c *Check) again(shown Pin) error {
	if shown != *c.believed {
		return &MismatchError{Address: c.address, Pinned: []Pin{*c.believed}, Presented: []Pin{shown}}
	}
	return nil
}

func (c *Check) judge(address string, remote net.Addr, key ssh.PublicKey, shown Pin) error {
	switch {
	case c.probing:
		return c.mismatchOr(errors.New("it has no certificate"))
	case slices.ContainsFunc(c.pins, func(p Pin) bool { return p.matches(shown) }):
		return nil
	case len(c.authorities) > 0:
		if err := c.checkCertificate(address, remote, key); err != nil {
			return c.mismatchOr(err)
		}
		return nil
	case c.record != nil:
		if err := c.record(shown); err != nil {
			return fmt.Errorf("recording the host key %s of %s: %w", shown, c.address, err)
		}
		return nil
	default:
		return c.mismatchOr(errors.New("no fingerprint and no authority was given for it"))
	}
}

// mismatchOr is the error of a host that should have other keys, or of one about which too little is known.
func (c *Check) mismatchOr(why error) error {
	if len(c.pins) > 0 {
		return &MismatchError{Address: c.address, Pinned: c.pins, Presented: c.shown}
	}
	return &UnknownError{Address: c.address, Presented: c.shown, Why: why}
}

// checkCertificate examines the authority, the principals and the time. A certificate without principals would be good
// for every host, and is not taken: whoever gets hold of one key must not be able to pose as all hosts.
func (c *Check) checkCertificate(address string, remote net.Addr, key ssh.PublicKey) error {
	certificate, ok := key.(*ssh.Certificate)
	if !ok {
		return errors.New("it shows a key without a certificate")
	}
	checker := ssh.CertChecker{IsHostAuthority: func(authority ssh.PublicKey, _ string) bool {
		return slices.ContainsFunc(c.authorities, func(known ssh.PublicKey) bool {
			return bytes.Equal(known.Marshal(), authority.Marshal())
		})
	}}
	if err := checker.CheckHostKey(address, remote, certificate); err != nil {
		return fmt.Errorf("its certificate %q, signed by %s, is not good: %w",
			certificate.KeyId, ssh.FingerprintSHA256(certificate.SignatureKey), err)
	}
	if len(certificate.ValidPrincipals) == 0 {
		return fmt.Errorf("its certificate %q names no host", certificate.KeyId)
	}
	return nil
}

// After tells, after a handshake that failed, whether another one may show a key that is believed, or at least what the
// host has instead. If not, the verdict is a *MismatchError, an *UnknownError or that the key could not be recorded, or
// nil if the host's key has nothing to do with the failure.
func (c *Check) After(failure error) (again bool, verdict error) {
	judged := c.judged
	c.judged = false
	if judged {
		mismatch := (*MismatchError)(nil)
		if errors.As(c.refusal, &mismatch) && !c.probing && len(c.Algorithms()) > 0 {
			return true, nil
		}
		return false, c.refusal
	}
	negotiation := (*ssh.AlgorithmNegotiationError)(nil)
	switch {
	case !errors.As(failure, &negotiation) || negotiation.What != "host key":
		return false, nil
	case len(c.shown) > 0:
		return false, c.refusal // The host has no more keys.
	case c.probing:
		return false, &UnknownError{Address: c.address, Why: errors.New("it has no key of a type that is supported")}
	default:
		c.probing = true
		return true, nil
	}
}

// Believed is the key that the host has proven to have, and whether it has.
func (c *Check) Believed() (Pin, bool) {
	if c.believed == nil {
		return Pin{}, false
	}
	return *c.believed, true
}
