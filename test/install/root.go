package install

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// defaultOverlay is the installation that needs nothing else in the cluster, relative to the repository.
const defaultOverlay = "manifests/overlays/default"

// findRoot returns the repository's folder as an absolute path.
func findRoot(root string) (string, error) {
	if root != "" {
		return filepath.Abs(root)
	}
	folder, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the repository: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, defaultOverlay)); err == nil {
			return folder, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", errors.New("finding the repository: no folder above the working directory has " + defaultOverlay)
		}
		folder = parent
	}
}
