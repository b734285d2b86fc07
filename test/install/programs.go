package install

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// pluginName is how kubectl finds the program: kubectl mullion.
const pluginName = "kubectl-mullion"

// Tags are the build tags of the programs, as the Dockerfile has them and says why.
const Tags = "grpcnotrace"

// Programs are the paths of the executables that are installed, and of kubectl's plugin, which runs where kubectl does.
type Programs struct {
	Webhook, NodeManager, Plugin string
}

// Build compiles the programs into the repository's .cache. Root is the repository's folder; when empty it is
// searched upwards from the working directory. What has not changed since the last build takes a second.
func Build(ctx context.Context, root string) (Programs, error) {
	root, err := findRoot(root)
	if err != nil {
		return Programs{}, err
	}
	bin := filepath.Join(root, ".cache", "bin")
	programs := Programs{
		Webhook:     filepath.Join(bin, webhookName),
		NodeManager: filepath.Join(bin, nodeManagerName),
		Plugin:      filepath.Join(bin, pluginName),
	}
	if err := os.MkdirAll(bin, 0o755); err != nil { //nolint:gosec // A cache of public code.
		return Programs{}, fmt.Errorf("making the folder of the programs: %w", err)
	}
	// Built beside and renamed: an executable that is running cannot be written to.
	unfinished, err := os.MkdirTemp(bin, "unfinished-")
	if err != nil {
		return Programs{}, fmt.Errorf("making the folder of the programs: %w", err)
	}
	defer func() { _ = os.RemoveAll(unfinished) }()
	if err := compile(ctx, root, unfinished); err != nil {
		return Programs{}, err
	}
	for _, path := range []string{programs.Webhook, programs.NodeManager, programs.Plugin} {
		if err := os.Rename(filepath.Join(unfinished, filepath.Base(path)), path); err != nil {
			return Programs{}, fmt.Errorf("keeping what was built: %w", err)
		}
	}
	return programs, nil
}

func compile(ctx context.Context, root, folder string) error {
	args := []string{"build", "-tags=" + Tags, "-o", folder}
	for _, name := range []string{webhookName, nodeManagerName, pluginName} {
		args = append(args, "./cmd/"+name)
	}
	cmd := exec.CommandContext(ctx, "go", args...) //nolint:gosec // Our own programs.
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0")
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building the programs: %w\n%s", err, bytes.TrimSpace(output))
	}
	return nil
}
