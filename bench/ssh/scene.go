package main

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	xssh "golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/pkg/ssh"
	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
	"github.com/mullion-dev/mullion/pkg/ssh/sshtest"
)

// scene is a server, a file to upload and a place for it.
type scene struct {
	directory string
	server    *sshtest.OpenSSH
	target    *ssh.Target

	source string
	file   *os.File
	size   int64
	sum    [sha256.Size]byte
	// arrival is where the file is uploaded to.
	arrival string
}

// newScene starts the server and writes a file of random bytes.
func newScene(size int64) (*scene, error) {
	directory, err := os.MkdirTemp("", "mullion-bench-ssh-")
	if err != nil {
		return nil, fmt.Errorf("making a directory: %w", err)
	}
	s := &scene{
		directory: directory, size: size,
		source: filepath.Join(directory, "source"), arrival: filepath.Join(directory, "arrival"),
	}
	if err := s.prepare(); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *scene) prepare() (err error) {
	if s.file, err = os.Create(s.source); err != nil {
		return fmt.Errorf("writing a file to upload: %w", err)
	}
	hash := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(s.file, hash), rand.Reader, s.size); err != nil {
		return fmt.Errorf("writing a file to upload: %w", err)
	}
	s.sum = [sha256.Size]byte(hash.Sum(nil))
	if s.server, err = sshtest.StartOpenSSH(s.directory); err != nil {
		return fmt.Errorf("starting a server: %w", err)
	}
	s.target = &ssh.Target{
		Address: s.server.Address(), User: s.server.User, Keys: []xssh.Signer{s.server.Key},
		HostKeys: hostkey.Policy{Pins: []hostkey.Pin{hostkey.PinOf(s.server.HostKey)}},
	}
	return nil
}

// clear removes what was uploaded.
func (s *scene) clear() error {
	if err := os.Remove(s.arrival); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("clearing up: %w", err)
	}
	return nil
}

// check makes sure that the file has arrived.
func (s *scene) check() error {
	sum, err := digestOf(s.arrival)
	if err != nil {
		return err
	}
	if sum != s.sum {
		return errors.New("what has arrived is not what was sent")
	}
	return nil
}

// digestOf is what the agent would find on the host.
func digestOf(path string) (sum [sha256.Size]byte, err error) {
	file, err := os.Open(path) //nolint:gosec // In the directory of the scene.
	if err != nil {
		return sum, fmt.Errorf("looking at what has arrived: %w", err)
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return sum, fmt.Errorf("looking at what has arrived: %w", err)
	}
	return [sha256.Size]byte(hash.Sum(nil)), nil
}

func (s *scene) close() error {
	if s.server != nil {
		s.server.Close()
	}
	if s.file != nil {
		_ = s.file.Close()
	}
	return os.RemoveAll(s.directory)
}
