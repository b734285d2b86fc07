package key

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"fmt"

	"golang.org/x/crypto/ssh"
)

// What Parse refuses, for errors.Is.
var (
	ErrEmpty       = errors.New("there is no key: it is empty")
	ErrEncrypted   = errors.New("the private key is encrypted, and nobody is there to type its passphrase: give one without (ssh-keygen -p -N '')")
	ErrPublic      = errors.New("this is a public key: give the private one that belongs to it")
	ErrCertificate = errors.New("this is a certificate: give the private key that belongs to it")
	ErrPuTTY       = errors.New("this is a key in PuTTY's format: export it as an OpenSSH key (puttygen -O private-openssh)")
	ErrNotPEM      = errors.New("this is not a private key: there is no -----BEGIN … PRIVATE KEY----- in it")
	ErrBroken      = errors.New("the private key is damaged: its header is there, what follows cannot be read")
	ErrUnsupported = errors.New("the private key is of a kind that is not supported: give an Ed25519, ECDSA or RSA key")
	ErrWeak        = errors.New("the RSA key is shorter than 2048 bits: give a longer one, or an Ed25519 key")
)

// minRSABits is what NIST SP 800-57 asks of RSA keys that are in use after 2010.
const minRSABits = 2048

// Parse reads one unencrypted private key from PEM: Ed25519, ECDSA or RSA, as OpenSSH, PKCS #8, PKCS #1 or SEC 1 has it.
// An RSA key signs with SHA-2 only (RFC 8332): servers since OpenSSH 8.8 refuse SHA-1. No error contains a byte of
// what was given.
func Parse(text []byte) (ssh.Signer, error) {
	text = bytes.TrimSpace(text)
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, notPEM(text)
	}
	switch block.Type {
	case "PUBLIC KEY", "RSA PUBLIC KEY", "SSH2 PUBLIC KEY":
		return nil, ErrPublic
	case "CERTIFICATE":
		return nil, ErrCertificate
	case "ENCRYPTED PRIVATE KEY":
		return nil, ErrEncrypted
	}
	raw, err := ssh.ParseRawPrivateKey(text)
	if encrypted := (*ssh.PassphraseMissingError)(nil); errors.As(err, &encrypted) {
		return nil, ErrEncrypted
	}
	if err != nil {
		return nil, unreadable(block.Type)
	}
	return signer(raw)
}

// notPEM says what a text without a PEM block is.
func notPEM(text []byte) error {
	if len(text) == 0 {
		return ErrEmpty
	}
	if bytes.HasPrefix(text, []byte("PuTTY-User-Key-File")) {
		return ErrPuTTY
	}
	if bytes.HasPrefix(text, []byte("---- BEGIN SSH2 PUBLIC KEY")) { // RFC 4716 has four dashes and a space.
		return ErrPublic
	}
	if _, _, _, _, err := ssh.ParseAuthorizedKey(text); err == nil {
		return ErrPublic
	}
	if bytes.HasPrefix(text, []byte("-----BEGIN ")) {
		return ErrBroken
	}
	return ErrNotPEM
}

// unreadable tells a damaged block of a kind that is supported from one of another kind.
func unreadable(kind string) error {
	switch kind {
	case "OPENSSH PRIVATE KEY", "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY":
		return ErrBroken
	default:
		return ErrUnsupported
	}
}

func signer(raw any) (ssh.Signer, error) {
	var algorithms []string
	switch private := raw.(type) {
	case *rsa.PrivateKey:
		if private.N.BitLen() < minRSABits {
			return nil, ErrWeak
		}
		algorithms = []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	case *ecdsa.PrivateKey, ed25519.PrivateKey, *ed25519.PrivateKey:
	default:
		return nil, ErrUnsupported
	}
	plain, err := ssh.NewSignerFromKey(raw)
	if err != nil {
		return nil, ErrUnsupported // Such as the curve P-224, which SSH has no name for.
	}
	if algorithms == nil {
		return plain, nil
	}
	withAlgorithms, ok := plain.(ssh.AlgorithmSigner)
	if !ok {
		return nil, ErrUnsupported
	}
	restricted, err := ssh.NewSignerWithAlgorithms(withAlgorithms, algorithms)
	if err != nil {
		return nil, fmt.Errorf("restricting an RSA key to SHA-2: %w", err)
	}
	return restricted, nil
}
