package hostkey

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/crypto/ssh"
)

// Policy says on which grounds a host is believed. It is not changed after it was given to somebody.
type Policy struct {
	// Pins are keys of which the host must have one.
	Pins []Pin
	// Authorities are keys of which one must have signed the host's certificate, for the host's name or address.
	Authorities []ssh.PublicKey
	// FirstUse, if not nil, is the opt-in to believe whatever key the host shows first. It is not asked if there are
	// pins or authorities.
	FirstUse Recorder
}

// Recorder keeps the keys that were trusted on first use. It must be safe for concurrent use.
type Recorder interface {
	// Recorded returns what is recorded for a host and port, and whether anything is.
	Recorded(ctx context.Context, address string) (Pin, bool, error)
	// Record keeps a pin. The connection goes on only after it returned nil. If another pin was recorded meanwhile it
	// returns an error and keeps that one.
	Record(ctx context.Context, address string, pin Pin) error
}

// ParseAuthority reads the public key of an authority, a line as in authorized_keys or a .pub file.
func ParseAuthority(line []byte) (ssh.PublicKey, error) {
	key, _, _, _, err := ssh.ParseAuthorizedKey(line)
	if err != nil {
		return nil, errors.New("this is not the public key of an authority: want a line such as ssh-ed25519 AAAA…")
	}
	if _, ok := key.(*ssh.Certificate); ok {
		return nil, errors.New("this is a certificate: want the public key of the authority that signs such")
	}
	return key, nil
}

// Check starts to examine one host, for one attempt to connect. The address has a port. What the recorder has
// is read now, and the context is used until the attempt has ended.
func (p Policy) Check(ctx context.Context, address string) (*Check, error) {
	check := &Check{address: address, pins: p.Pins, authorities: p.Authorities}
	if p.FirstUse == nil || len(p.Pins) > 0 || len(p.Authorities) > 0 {
		return check, nil
	}
	pin, found, err := p.FirstUse.Recorded(ctx, address)
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading which host key is recorded for %s: %w", address, err)
	case found:
		check.pins = []Pin{pin}
	default:
		check.record = func(pin Pin) error { return p.FirstUse.Record(ctx, address, pin) }
	}
	return check, nil
}
