package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	// defaultVersion is what the hollow kubelet says it is.
	defaultVersion = "v1.36.3"
	// versionFile, beside the program, says which version it is to be instead: two versions of a node differ by it.
	versionFile = "kubelet.version"
)

func kubeletVersion() (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("finding the program: %w", err)
	}
	version, err := os.ReadFile(filepath.Join(filepath.Dir(program), versionFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return defaultVersion, nil
	case err != nil:
		return "", fmt.Errorf("reading the version: %w", err)
	}
	return strings.TrimSpace(string(version)), nil
}
