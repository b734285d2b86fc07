package nodecsr

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

const (
	// pemType is the type of the one block that a request consists of.
	pemType = "CERTIFICATE REQUEST"
	// nodeUserPrefix comes before a node's name in the name of its user.
	nodeUserPrefix = "system:node:"
	// nodeGroup is the one organisation of a node's certificate, and the group of its user.
	nodeGroup = "system:nodes"
)

// subjectAltName is the one extension that kubelets ask for (RFC 5280, 4.2.1.6).
func subjectAltName() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 5, 29, 17} }

// parse reads a request that consists of a single PEM block, and checks that whoever made it has the key.
func parse(request []byte) (*x509.CertificateRequest, error) {
	block, rest := pem.Decode(request)
	switch {
	case block == nil:
		return nil, errors.New("it holds no PEM block")
	case block.Type != pemType:
		return nil, fmt.Errorf("its PEM block is a %q, not a %q", block.Type, pemType)
	case len(block.Headers) > 0:
		return nil, errors.New("its PEM block has headers")
	case strings.TrimSpace(string(rest)) != "":
		return nil, errors.New("something follows its PEM block")
	}
	parsed, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("it cannot be parsed: %w", err)
	}
	if err := parsed.CheckSignature(); err != nil {
		return nil, fmt.Errorf("its signature is wrong: %w", err)
	}
	return parsed, nil
}

// checkNames returns an error unless the subject is exactly that of the user of a node, and the only extension, if any,
// the subject's alternative names.
func checkNames(parsed *x509.CertificateRequest, user string) error {
	want := pkix.Name{CommonName: user, Organization: []string{nodeGroup}}
	if len(parsed.Subject.Names) != len(want.ToRDNSequence()) ||
		parsed.Subject.CommonName != user ||
		len(parsed.Subject.Organization) != 1 || parsed.Subject.Organization[0] != nodeGroup {
		return fmt.Errorf("its subject is %q, not exactly %q", parsed.Subject, want)
	}
	for i, extension := range parsed.Extensions {
		if !extension.Id.Equal(subjectAltName()) {
			return fmt.Errorf("it asks for the extension %s", extension.Id)
		}
		if i > 0 {
			return errors.New("it has alternative names twice")
		}
		if err := checkNothingOverlooked(extension.Value, parsed); err != nil {
			return err
		}
	}
	return nil
}

// checkNothingOverlooked returns an error unless the parser understood every alternative name: it passes over kinds that
// it does not know, and what was not seen was not checked.
func checkNothingOverlooked(alternativeNames []byte, parsed *x509.CertificateRequest) error {
	var all []asn1.RawValue
	if rest, err := asn1.Unmarshal(alternativeNames, &all); err != nil || len(rest) > 0 {
		return errors.New("its alternative names cannot be parsed")
	}
	seen := len(parsed.DNSNames) + len(parsed.IPAddresses) + len(parsed.EmailAddresses) + len(parsed.URIs)
	if len(all) != seen {
		return fmt.Errorf("%d of its alternative names are neither DNS names nor addresses", len(all)-seen)
	}
	return nil
}
