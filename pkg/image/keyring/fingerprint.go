package keyring

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io"
	"sync"
)

// Fingerprint stands for a set of credentials where they must be told apart but not kept, such as in the key
// of a cache. Equal credentials have equal fingerprints within one process and different ones in the next:
// it is a keyed hash whose key is never stored, so that a fingerprint that leaks tells nothing.
//
// The zero Fingerprint stands for no credentials: an anonymous request.
type Fingerprint [16]byte

// processKey is made at the first use and stays the same for the life of the process.
//
//nolint:gochecknoglobals // A constant that must not be known in advance.
var processKey = sync.OnceValue(func() [32]byte {
	var key [32]byte
	_, _ = rand.Read(key[:]) // Never fails: see the documentation of crypto/rand.
	return key
})

func fingerprint(credentials []credential) Fingerprint {
	if len(credentials) == 0 {
		return Fingerprint{}
	}
	return keyedHash(func(mac hash.Hash) {
		for _, c := range credentials {
			for _, field := range []string{
				c.pattern.String(), c.auth.Username, c.auth.Password, c.auth.Auth, c.auth.IdentityToken, c.auth.RegistryToken,
			} {
				writeField(mac, field)
			}
		}
	})
}

// keyedHash hashes what write writes.
func keyedHash(write func(hash.Hash)) Fingerprint {
	key := processKey()
	mac := hmac.New(sha256.New, key[:])
	write(mac)
	var sum [sha256.Size]byte
	return Fingerprint(mac.Sum(sum[:0])[:len(Fingerprint{})])
}

// writeField prefixes each field with its length, so that no two lists of fields look alike.
func writeField(mac hash.Hash, field string) {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(field)))
	_, _ = mac.Write(length[:])
	_, _ = io.WriteString(mac, field)
}
