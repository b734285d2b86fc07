package keyring

import (
	"hash"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/mullion-dev/mullion/pkg/image/reference"
)

// Keyring is the credentials that one pod may use. A nil Keyring has none. It is immutable, and safe for
// concurrent use.
type Keyring struct {
	configs     []*Config
	fingerprint Fingerprint
}

// New joins docker configs, one for each pull secret, in the order in which the pod names them.
func New(configs ...*Config) *Keyring {
	ring := &Keyring{}
	for _, config := range configs {
		if len(config.credentials) > 0 {
			ring.configs = append(ring.configs, config)
		}
	}
	switch len(ring.configs) {
	case 0:
	case 1:
		ring.fingerprint = ring.configs[0].fingerprint
	default:
		ring.fingerprint = keyedHash(func(mac hash.Hash) {
			for _, config := range ring.configs {
				_, _ = mac.Write(config.fingerprint[:])
			}
		})
	}
	return ring
}

// Fingerprint stands for everything on the ring.
func (k *Keyring) Fingerprint() Fingerprint {
	if k == nil {
		return Fingerprint{}
	}
	return k.fingerprint
}

// Match is the credentials that are good for one image.
type Match struct {
	// Credentials are in the order in which they are to be tried.
	Credentials []authn.AuthConfig
	// Fingerprint stands for exactly these credentials, in this order.
	Fingerprint Fingerprint
}

// Match finds the credentials for an image, the most specific first. Where two secrets have the same place,
// both are returned, in the order of the secrets: that is how credentials are rotated.
func (k *Keyring) Match(image reference.Reference) Match {
	if k == nil {
		return Match{}
	}
	var found []credential
	for _, config := range k.configs {
		for _, c := range config.credentials {
			if c.pattern.matches(image) {
				found = append(found, c)
			}
		}
	}
	sortBySpecificity(found)
	match := Match{Fingerprint: fingerprint(found)}
	for _, c := range found {
		match.Credentials = append(match.Credentials, c.auth)
	}
	return match
}

// String keeps a keyring that is printed by mistake from showing what is on it.
func (k *Keyring) String() string { return "keyring(redacted)" }

// GoString does the same for %#v.
func (k *Keyring) GoString() string { return k.String() }

// String keeps a match that is printed by mistake from showing its credentials.
func (m Match) String() string { return "match(redacted)" }

// GoString does the same for %#v.
func (m Match) GoString() string { return m.String() }

// String keeps a config that is printed by mistake from showing its credentials.
func (c *Config) String() string { return "config(redacted)" }

// GoString does the same for %#v.
func (c *Config) GoString() string { return c.String() }
