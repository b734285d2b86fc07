package install

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// hostsComponent is what a node manager needs to look after hosts.
const hostsComponent = "manifests/components/hosts"

// buildAgent compiles the agent for Windows into the repository's .cache, and returns its path. What has not changed since
// the last build takes a second.
func buildAgent(ctx context.Context, root string) (string, error) {
	path := filepath.Join(root, ".cache", "bin", "mullion-agent.exe")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, "./cmd/hostagent") //nolint:gosec // Our own program.
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0", "GOOS=windows", "GOARCH=amd64")
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the agent for Windows: %w\n%s", err, output)
	}
	return path, nil
}
