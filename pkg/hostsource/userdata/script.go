package userdata

import (
	"bytes"
	_ "embed" // The script.
	"errors"
	"fmt"
	"regexp"
	"strings"
	"text/template"

	"golang.org/x/crypto/ssh"
)

//go:embed script.ps1.tmpl
var script string

// Script is the user data for a platform's machines, on which the owners of the keys may log in. There has to be a key.
func Script(platform Platform, keys []ssh.PublicKey) ([]byte, error) {
	if len(keys) == 0 {
		return nil, errors.New("making user data: there is no key to log in with")
	}
	lines := make([]string, len(keys))
	for i, key := range keys {
		line, err := authorizedKey(key)
		if err != nil {
			return nil, fmt.Errorf("making user data: %w", err)
		}
		lines[i] = line
	}
	text, err := template.New("script").Parse(script)
	if err != nil {
		return nil, fmt.Errorf("making user data: %w", err)
	}
	for _, w := range wrappings() {
		if w.platform != platform {
			continue
		}
		out := bytes.NewBufferString(w.before)
		if err := text.Execute(out, lines); err != nil {
			return nil, fmt.Errorf("making user data: %w", err)
		}
		out.WriteString(w.after)
		return out.Bytes(), nil
	}
	return nil, fmt.Errorf("making user data: platform %.40q is not known", string(platform))
}

// authorizedKey is the line of authorized_keys for a key, without a comment.
func authorizedKey(key ssh.PublicKey) (string, error) {
	line := strings.TrimSuffix(string(ssh.MarshalAuthorizedKey(key)), "\n")
	// The type of a key and base64: no quotes, no line breaks, nothing that PowerShell would read.
	if !regexp.MustCompile(`^[a-z0-9@.-]{1,64} [A-Za-z0-9+/]{16,}={0,2}$`).MatchString(line) {
		return "", errors.New("the public key cannot be written as a line of authorized_keys")
	}
	return line, nil
}
