package authority

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
)

// pemCertificate is the PEM type of a certificate, RFC 7468 section 5.
const pemCertificate = "CERTIFICATE"

// Bundle is a list of trusted CA certificates, as a caBundle holds them.
type Bundle []*x509.Certificate

// ParseBundle reads the certificates of a PEM file. Whatever else is in it, text, keys, certificates that do
// not parse, is skipped: one wrong entry must not cost the trust in the others.
func ParseBundle(data []byte) Bundle {
	var bundle Bundle
	for {
		var block *pem.Block
		block, data = pem.Decode(data)
		if block == nil {
			return bundle
		}
		if block.Type != pemCertificate {
			continue
		}
		if c, err := x509.ParseCertificate(block.Bytes); err == nil {
			bundle = append(bundle, c)
		}
	}
}

// Contains says whether exactly this certificate is in the bundle.
func (b Bundle) Contains(c *x509.Certificate) bool {
	for _, other := range b {
		if other.Equal(c) {
			return true
		}
	}
	return false
}

// PEM encodes the bundle. The same certificates in the same order give the same bytes.
func (b Bundle) PEM() []byte {
	var out bytes.Buffer
	for _, c := range b {
		// A bytes.Buffer does not fail.
		_ = pem.Encode(&out, &pem.Block{Type: pemCertificate, Bytes: c.Raw})
	}
	return out.Bytes()
}
