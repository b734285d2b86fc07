package localcluster

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"time"

	"k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/keyutil"
)

// certificateLifetime outlasts any test and any demonstration left running for a while.
const certificateLifetime = 30 * 24 * time.Hour

// authority is a certificate authority. Its methods may be called concurrently.
type authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

// keyPair is a certificate and its private key, in PEM.
type keyPair struct{ certificate, key []byte }

func newAuthority(commonName string) (*authority, error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	certificate, err := cert.NewSelfSignedCACert(cert.Config{CommonName: commonName}, key)
	if err != nil {
		return nil, fmt.Errorf("making certificate authority %s: %w", commonName, err)
	}
	return &authority{certificate: certificate, key: key}, nil
}

// pair returns the authority's own certificate and key.
func (a *authority) pair() (keyPair, error) {
	key, err := keyutil.MarshalPrivateKeyToPEM(a.key)
	if err != nil {
		return keyPair{}, fmt.Errorf("encoding the key of %s: %w", a.certificate.Subject.CommonName, err)
	}
	return keyPair{certificate: a.pem(), key: key}, nil
}

func (a *authority) pem() []byte { return encodeCertificate(a.certificate.Raw) }

// client issues a certificate that authenticates a user and its groups to the API server.
func (a *authority) client(user string, groups ...string) (keyPair, error) {
	return a.issue(&x509.Certificate{
		Subject:     pkix.Name{CommonName: user, Organization: groups},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
}

// server issues a certificate for serving under these names and addresses.
func (a *authority) server(names []string, addresses []net.IP) (keyPair, error) {
	return a.issue(&x509.Certificate{
		Subject:     pkix.Name{CommonName: names[0]},
		DNSNames:    names,
		IPAddresses: addresses,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
}

func (a *authority) issue(template *x509.Certificate) (keyPair, error) {
	name := template.Subject.CommonName
	key, err := newKey()
	if err != nil {
		return keyPair{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 126))
	if err != nil {
		return keyPair{}, fmt.Errorf("drawing a serial number for %s: %w", name, err)
	}
	template.SerialNumber = serial
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.NotBefore = a.certificate.NotBefore
	template.NotAfter = time.Now().Add(certificateLifetime)
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		return keyPair{}, fmt.Errorf("issuing a certificate for %s: %w", name, err)
	}
	encodedKey, err := keyutil.MarshalPrivateKeyToPEM(key)
	if err != nil {
		return keyPair{}, fmt.Errorf("encoding the key of %s: %w", name, err)
	}
	return keyPair{certificate: encodeCertificate(der), key: encodedKey}, nil
}

// write stores the pair as <name>.crt and <name>.key.
func (k keyPair) write(dir *dataDir, name string) error {
	if err := os.WriteFile(dir.join(name+".crt"), k.certificate, 0o600); err != nil {
		return fmt.Errorf("storing a certificate: %w", err)
	}
	if err := os.WriteFile(dir.join(name+".key"), k.key, 0o600); err != nil {
		return fmt.Errorf("storing a key: %w", err)
	}
	return nil
}

func newKey() (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generating a key: %w", err)
	}
	return key, nil
}

func encodeCertificate(der []byte) []byte { return encodePEM(cert.CertificateBlockType, der) }

func encodePEM(blockType string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: blockType, Bytes: der})
}
