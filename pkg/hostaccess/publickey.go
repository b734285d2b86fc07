package hostaccess

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	cryptossh "golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/pkg/ssh"
)

// AuthorizedKey is the line of authorized_keys for a key, without a comment and without an end of line.
func AuthorizedKey(signer cryptossh.Signer) string {
	return strings.TrimSpace(string(cryptossh.MarshalAuthorizedKey(signer.PublicKey())))
}

// PublicKeyHash is what v1alpha1.AnnotationPublicKeyHash has for a key.
func PublicKeyHash(signer cryptossh.Signer) string {
	sum := sha256.Sum256([]byte(AuthorizedKey(signer)))
	return hex.EncodeToString(sum[:])
}

// PublicKeyHashes are the hashes of the keys of a target, in the order in which they are tried.
func PublicKeyHashes(target *ssh.Target) []string {
	hashes := make([]string, len(target.Keys))
	for i, signer := range target.Keys {
		hashes[i] = PublicKeyHash(signer)
	}
	return hashes
}

// LoginHash is the hash of the key with this fingerprint, and false where the target has none such.
func LoginHash(target *ssh.Target, fingerprint string) (string, bool) {
	for _, signer := range target.Keys {
		if cryptossh.FingerprintSHA256(signer.PublicKey()) == fingerprint {
			return PublicKeyHash(signer), true
		}
	}
	return "", false
}
