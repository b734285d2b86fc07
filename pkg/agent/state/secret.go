package state

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// Digest is the SHA-256 of content in hexadecimal digits.
func Digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// DesiredDigest names a desired state: it is the same for the same state, on every machine.
func DesiredDigest(desired *Desired) (string, error) {
	encoded, err := Encode(desired)
	if err != nil {
		return "", err
	}
	return Digest(encoded), nil
}

// Shown is a value as plans and results show it: a secret one as the beginning of its digest, which tells two values
// apart and no more.
func Shown(value string, secret bool) string {
	if !secret {
		return value
	}
	return "secret sha256:" + Digest([]byte(value))[:12]
}

// Secrets are the values in a desired state that must not be shown, so that they can be taken out of text of other
// origin, such as the log of a service.
func (d *Desired) Secrets() []string {
	var secrets []string
	for _, file := range d.Files {
		if file.Secret {
			secrets = slices.Concat(secrets, file.Lines, file.Without)
			if file.Inline != nil {
				secrets = append(secrets, *file.Inline)
			}
		}
	}
	for _, variable := range d.Variables {
		if variable.Secret {
			secrets = append(secrets, variable.Entries...)
			if variable.Value != nil {
				secrets = append(secrets, *variable.Value)
			}
		}
	}
	for _, value := range d.Registry {
		if value.Secret {
			secrets = append(append(secrets, value.Data.Text, string(value.Data.Bytes)), value.Data.Texts...)
		}
	}
	for _, service := range d.Services {
		for _, variable := range service.Variables {
			if variable.Secret {
				secrets = append(secrets, variable.Value)
			}
		}
	}
	return secrets
}
