package state

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// ID of the feature.
func (f Feature) ID() ID { return ID{KindFeature, f.Name} }

// ID of the directory.
func (d Directory) ID() ID { return ID{KindDirectory, d.Path.String()} }

// ID of the file.
func (f File) ID() ID { return ID{KindFile, f.Path.String()} }

// ID of the variable.
func (v Variable) ID() ID { return ID{KindVariable, v.Name} }

// ID of the registry's value.
func (r RegistryValue) ID() ID { return ID{KindRegistry, r.Key + ":" + r.Name} }

// ID of the rule.
func (r FirewallRule) ID() ID { return ID{KindFirewall, r.Name} }

// ID of the service.
func (s Service) ID() ID { return ID{KindService, s.Name} }

// ID of the certificate, by its content. A certificate that cannot be read has no name.
func (c Certificate) ID() ID {
	der, err := c.DER()
	if err != nil {
		return ID{Kind: KindCertificate}
	}
	return ID{KindCertificate, Digest(der)}
}

// ID of the root of versions.
func (v Versions) ID() ID { return ID{KindVersions, v.Root.String()} }

// HostnameID is the ID of the host's name.
func HostnameID() ID { return ID{KindHostname, ComputerName} }

// SplitRegistryName is the key and the name of a value of [KindRegistry]. No key of ours has a colon in it, while a
// value's name may.
func SplitRegistryName(name string) (key, value string) {
	key, value, _ = strings.Cut(name, ":")
	return key, value
}

// DER is the certificate's encoding.
func (c Certificate) DER() ([]byte, error) {
	block, rest := pem.Decode([]byte(c.PEM))
	switch {
	case block == nil || block.Type != "CERTIFICATE":
		return nil, errors.New("is not a certificate in PEM")
	case strings.TrimSpace(string(rest)) != "":
		return nil, errors.New("has something after the certificate; each certificate is a resource of its own")
	}
	if _, err := x509.ParseCertificate(block.Bytes); err != nil {
		return nil, fmt.Errorf("parsing certificate: %w", err)
	}
	return block.Bytes, nil
}
