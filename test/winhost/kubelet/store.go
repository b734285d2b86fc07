package main

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"k8s.io/client-go/util/certificate"
)

// pemStore keeps a certificate and its key in one file. client-go's own store replaces a symbolic link, which Wine
// cannot.
type pemStore struct{ path string }

var _ certificate.Store = (*pemStore)(nil)

// Current returns what is stored.
func (s *pemStore) Current() (*tls.Certificate, error) {
	content, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		noKey := certificate.NoCertKeyError("no certificate in " + s.path)
		return nil, &noKey
	}
	if err != nil {
		return nil, fmt.Errorf("reading a certificate: %w", err)
	}
	pair, err := tls.X509KeyPair(content, content)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate %s: %w", s.path, err)
	}
	return &pair, nil
}

// Update replaces what is stored.
func (s *pemStore) Update(cert, key []byte) (*tls.Certificate, error) {
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of certificates: %w", err)
	}
	unfinished := s.path + ".unfinished"
	if err := os.WriteFile(unfinished, bytes.Join([][]byte{cert, key}, []byte("\n")), 0o600); err != nil {
		return nil, fmt.Errorf("storing a certificate: %w", err)
	}
	if err := os.Rename(unfinished, s.path); err != nil {
		return nil, fmt.Errorf("storing a certificate: %w", err)
	}
	return s.Current()
}
