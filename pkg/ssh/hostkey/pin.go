package hostkey

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// Pin names one public key.
type Pin struct {
	// Type is the key's, as ssh-ed25519. It may be empty: then it is not known.
	Type string
	// Fingerprint is SHA256: and the base64 of the digest without padding, as ssh-keygen -l prints it.
	Fingerprint string
}

// PinOf returns the pin of a key. A certificate has that of the key which it certifies.
func PinOf(key ssh.PublicKey) Pin {
	if certificate, ok := key.(*ssh.Certificate); ok {
		key = certificate.Key
	}
	return Pin{Type: key.Type(), Fingerprint: ssh.FingerprintSHA256(key)}
}

// ParsePin reads what Pin.String writes: a fingerprint, optionally after the type of the key and a space.
func ParsePin(text string) (Pin, error) {
	var pin Pin
	switch fields := strings.Fields(text); len(fields) {
	case 1:
		pin.Fingerprint = fields[0]
	case 2:
		pin = Pin{Type: fields[0], Fingerprint: fields[1]}
	default:
		return Pin{}, fmt.Errorf("%q is not a fingerprint: want SHA256:…, or the type of the key and SHA256:…", text)
	}
	if pin.Type != "" && !slices.Contains(plainTypes(), pin.Type) {
		return Pin{}, fmt.Errorf("%q is not a type of host key: want one of %s", pin.Type, strings.Join(plainTypes(), ", "))
	}
	if err := checkFingerprint(pin.Fingerprint); err != nil {
		return Pin{}, fmt.Errorf("%q is not a fingerprint: %w", pin.Fingerprint, err)
	}
	return pin, nil
}

func checkFingerprint(text string) error {
	digest, found := strings.CutPrefix(text, "SHA256:")
	if !found {
		return errors.New("it does not begin with SHA256: (ssh-keygen -l -E sha256 prints such)")
	}
	sum, err := base64.RawStdEncoding.Strict().DecodeString(digest)
	if err != nil || len(sum) != 32 {
		return errors.New("what follows SHA256: is not the base64 of 32 bytes without padding")
	}
	return nil
}

// String is the type, if it is known, and the fingerprint.
func (p Pin) String() string {
	if p.Type == "" {
		return p.Fingerprint
	}
	return p.Type + " " + p.Fingerprint
}

// matches is whether a key that a host has shown is the pinned one.
func (p Pin) matches(shown Pin) bool {
	return p.Fingerprint == shown.Fingerprint && (p.Type == "" || p.Type == shown.Type)
}

// join lists pins in a sentence.
func join(pins []Pin) string {
	texts := make([]string, len(pins))
	for i, pin := range pins {
		texts[i] = pin.String()
	}
	return strings.Join(texts, ", ")
}
