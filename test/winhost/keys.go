package winhost

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"fmt"

	"golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/test/winhost/guest"
)

// newKey makes a key pair and its file.
func newKey(generate func() (crypto.PrivateKey, error)) (ssh.Signer, []byte, error) {
	private, err := generate()
	if err != nil {
		return nil, nil, fmt.Errorf("making a key: %w", err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		return nil, nil, fmt.Errorf("making a key: %w", err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		return nil, nil, fmt.Errorf("encoding a key: %w", err)
	}
	return signer, pem.EncodeToMemory(block), nil
}

func newEd25519() (crypto.PrivateKey, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	return private, err
}

func newECDSA() (crypto.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

// HostKeys are the public keys by which the host proves who it is, the Ed25519 key first.
func (h *Host) HostKeys() []ssh.PublicKey {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]ssh.PublicKey(nil), h.hostKeys...)
}

// HostKeyFingerprint is that of the Ed25519 host key, as ssh-keygen prints it, such as SHA256:….
func (h *Host) HostKeyFingerprint() string { return ssh.FingerprintSHA256(h.HostKeys()[0]) }

// RotateHostKey gives the host new host keys, as a reinstallation or an attacker does. Connections that exist stay.
func (h *Host) RotateHostKey() error {
	kinds := []struct {
		name     string
		generate func() (crypto.PrivateKey, error)
	}{{"ed25519", newEd25519}, {"ecdsa", newECDSA}}
	var public []ssh.PublicKey
	for _, kind := range kinds {
		signer, file, err := newKey(kind.generate)
		if err != nil {
			return err
		}
		path := guest.SSHFolder + `\ssh_host_` + kind.name + `_key`
		if err := h.certify(path, signer.PublicKey()); err != nil {
			return err
		}
		if err := h.WriteFile(path, file); err != nil {
			return err
		}
		public = append(public, signer.PublicKey())
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hostKeys = public
	return nil
}

// certify lays a certificate beside a host key, where there is an authority.
func (h *Host) certify(path string, key ssh.PublicKey) error {
	authority := h.options.HostCertificateAuthority
	if authority == nil {
		return nil
	}
	certificate := &ssh.Certificate{
		Key: key, CertType: ssh.HostCert, KeyId: h.options.Hostname,
		ValidPrincipals: []string{h.IP(), h.options.Hostname}, ValidBefore: ssh.CertTimeInfinity,
	}
	if err := certificate.SignCert(rand.Reader, authority); err != nil {
		return fmt.Errorf("certifying a host key: %w", err)
	}
	return h.WriteFile(path+"-cert.pub", ssh.MarshalAuthorizedKey(certificate))
}

// SetAuthorizedKeys replaces the keys that may log on; Host.Key stays among them only if it is given.
func (h *Host) SetAuthorizedKeys(keys ...ssh.PublicKey) error {
	var lines bytes.Buffer
	for _, key := range keys {
		lines.Write(ssh.MarshalAuthorizedKey(key))
	}
	return h.WriteFile(guest.AuthorizedKeysFile, lines.Bytes())
}
