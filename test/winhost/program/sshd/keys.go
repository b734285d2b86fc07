//go:build windows

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/test/winhost/guest"
)

// user is the only account of the host.
const user = "Administrator"

func configuration() (*ssh.ServerConfig, error) {
	config := &ssh.ServerConfig{ServerVersion: version, PublicKeyCallback: authenticate}
	files, err := filepath.Glob(guest.HostKeyPattern)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no host key matches %s", guest.HostKeyPattern)
	}
	for _, file := range files {
		if err := addHostKey(config, file); err != nil {
			return nil, fmt.Errorf("reading host key %s: %w", file, err)
		}
	}
	return config, nil
}

// addHostKey adds a key, and its certificate if there is one beside it.
func addHostKey(config *ssh.ServerConfig, file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	key, err := ssh.ParsePrivateKey(content)
	if err != nil {
		return err
	}
	config.AddHostKey(key)

	content, err = os.ReadFile(file + "-cert.pub")
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	public, _, _, _, err := ssh.ParseAuthorizedKey(content)
	if err != nil {
		return err
	}
	certificate, ok := public.(*ssh.Certificate)
	if !ok {
		return errors.New("what should be its certificate is none")
	}
	signer, err := ssh.NewCertSigner(certificate, key)
	if err != nil {
		return err
	}
	config.AddHostKey(signer)
	return nil
}

func authenticate(connection ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
	if !strings.EqualFold(connection.User(), user) {
		return nil, fmt.Errorf("there is no user %q", connection.User())
	}
	rest, err := os.ReadFile(guest.AuthorizedKeysFile)
	if err != nil {
		return nil, err
	}
	for len(rest) > 0 {
		var authorized ssh.PublicKey
		authorized, _, _, rest, err = ssh.ParseAuthorizedKey(rest)
		if err != nil {
			break // Nothing further that is a key.
		}
		if bytes.Equal(authorized.Marshal(), key.Marshal()) {
			return &ssh.Permissions{}, nil
		}
	}
	return nil, errors.New("the key is not authorized")
}
