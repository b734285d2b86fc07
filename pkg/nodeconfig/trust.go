package nodeconfig

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// buildTrust adds authorities to those that Windows trusts, which is where programs on Windows look. Each
// certificate is one resource, however many lists it is in.
func (b *builder) buildTrust() {
	seen := map[string]bool{}
	for i, entry := range b.spec.TrustedCertificates {
		blocks, err := certificates([]byte(entry.PEM))
		if err != nil {
			b.wrong(field.Invalid(specPath("trustedCertificates").Index(i).Child("pem"), field.OmitValueType{}, err.Error()))
			continue
		}
		b.trust(blocks, seen)
	}
	if len(bytes.TrimSpace(b.cluster.TrustedAuthorities)) == 0 {
		return
	}
	blocks, err := certificates(b.cluster.TrustedAuthorities)
	if err != nil {
		b.warnings = append(b.warnings, fmt.Sprintf("The authorities that the cluster trusts are left out: %v.", err))
		return
	}
	b.trust(blocks, seen)
}

func (b *builder) trust(blocks []*pem.Block, seen map[string]bool) {
	for _, block := range blocks {
		if key := string(block.Bytes); !seen[key] {
			seen[key] = true
			b.desired.Certificates = append(b.desired.Certificates, state.Certificate{PEM: string(pem.EncodeToMemory(block))})
		}
	}
}

// certificates reads PEM that has certificates and nothing else. A private key that somebody put there by mistake
// is refused, and never copied to a host.
func certificates(text []byte) ([]*pem.Block, error) {
	var all []*pem.Block
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		text = rest
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("has a block of PEM that is %q instead of a certificate", block.Type)
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return nil, fmt.Errorf("certificate %d: %w", len(all)+1, err)
		}
		all = append(all, &pem.Block{Type: block.Type, Bytes: block.Bytes}) // Without headers.
	}
	if len(all) == 0 {
		return nil, errors.New("has no certificate in PEM")
	}
	return all, nil
}
