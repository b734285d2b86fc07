package ssh

import (
	"errors"

	"golang.org/x/crypto/ssh"
)

// errRefused ends a handshake when no key is left to try.
var errRefused = errors.New("no key is left")

// authentication offers the keys of a target one after the other, and keeps account of them.
type authentication struct {
	keys  []ssh.Signer
	wire  *wire
	tried []string
}

// next is called after what was tried before was refused: first "none", then each key. The library goes on after the
// connection broke, too, as if that were a refusal, so that is looked at first.
func (a *authentication) next(*ssh.ClientAuthContext) (ssh.AuthMethod, error) {
	if err := a.wire.err(); err != nil {
		return nil, err
	}
	if len(a.tried) == len(a.keys) {
		return nil, errRefused
	}
	key := a.keys[len(a.tried)]
	a.tried = append(a.tried, ssh.FingerprintSHA256(key.PublicKey()))
	return ssh.PublicKeys(key), nil
}

// accepted is the fingerprint of the key that the host took, after it has let us in.
func (a *authentication) accepted() string {
	if len(a.tried) == 0 {
		return ""
	}
	return a.tried[len(a.tried)-1]
}
