package install

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Programs are the paths of the executables that are installed.
type Programs struct {
	Webhook, NodeManager string
}

// Build compiles the programs from the repository at root into its .cache. What has not changed since the last
// build takes a second.
func Build(ctx context.Context, root string) (Programs, error) {
	bin, err := filepath.Abs(filepath.Join(root, ".cache", "bin"))
	if err != nil {
		return Programs{}, fmt.Errorf("finding where to build programs: %w", err)
	}
	programs := Programs{
		Webhook:     filepath.Join(bin, "webhook"),
		NodeManager: filepath.Join(bin, "nodemanager"),
	}
	if err := os.MkdirAll(bin, 0o755); err != nil { //nolint:gosec // A cache of public code.
		return Programs{}, fmt.Errorf("making the folder of the programs: %w", err)
	}
	for _, path := range []string{programs.Webhook, programs.NodeManager} {
		if err := compile(ctx, root, path); err != nil {
			return Programs{}, err
		}
	}
	return programs, nil
}

// compile writes beside the executable and renames: one that is running cannot be written to.
func compile(ctx context.Context, root, executable string) error {
	name := filepath.Base(executable)
	folder, err := os.MkdirTemp(filepath.Dir(executable), name+"-unfinished-")
	if err != nil {
		return fmt.Errorf("building %s: %w", name, err)
	}
	defer func() { _ = os.RemoveAll(folder) }()

	unfinished := filepath.Join(folder, name)
	cmd := exec.CommandContext(ctx, "go", "build", "-o", unfinished, "./cmd/"+name) //nolint:gosec // Our own programs.
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0")
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", name, err, bytes.TrimSpace(output))
	}
	if err := os.Rename(unfinished, executable); err != nil {
		return fmt.Errorf("keeping %s that was built: %w", name, err)
	}
	return nil
}
