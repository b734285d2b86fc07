package state

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
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
// apart and no more. Lines of others may be of any code page: what is not UTF-8 would not go into a document.
func Shown(value string, secret bool) string {
	if !secret {
		return strings.ToValidUTF8(value, "?")
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

// Redactor takes the secrets of a desired state out of text, line by line, since a log shows no more of a file at once.
// Short values are left, or the text would be unreadable: a secret of four characters is none. Nil has no secrets.
func (d *Desired) Redactor() func(text string) string {
	if d == nil {
		return func(text string) string { return text }
	}
	var secrets []string
	for _, secret := range d.Secrets() {
		for line := range strings.Lines(secret) {
			if line = strings.TrimSpace(line); len(line) > 4 {
				secrets = append(secrets, line)
			}
		}
	}
	// The longer one first, or what it has in common with a shorter one would be all that is taken out of it.
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(secrets))
	for _, secret := range secrets {
		pairs = append(pairs, secret, "(secret)")
	}
	return strings.NewReplacer(pairs...).Replace
}
