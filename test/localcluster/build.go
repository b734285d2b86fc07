package localcluster

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// moduleFolder holds the module of the control plane, relative to the repository's root.
const moduleFolder = "test/cluster"

// Build compiles the control plane unless it has been compiled from the same files by the same Go before,
// and returns the path of the executable below <root>/.cache. Root is the repository's folder; when empty it
// is searched upwards from the working directory. Progress is written to log once in a while, because a
// first build downloads some 150 modules and compiles for minutes.
//
// Concurrent calls, also of several processes, build once: the others wait.
func Build(ctx context.Context, root string, log io.Writer) (string, error) {
	root, err := findRoot(root)
	if err != nil {
		return "", err
	}
	module := filepath.Join(root, moduleFolder)
	flags, err := linkFlags(ctx, module)
	if err != nil {
		return "", err
	}
	digest, err := digestModule(ctx, module, flags)
	if err != nil {
		return "", err
	}
	bin := filepath.Join(root, ".cache", "bin")
	executable := filepath.Join(bin, "cluster-"+digest)
	if _, err := os.Stat(executable); err == nil {
		return executable, nil
	}

	if err := os.MkdirAll(bin, 0o755); err != nil { //nolint:gosec // A cache of public code.
		return "", fmt.Errorf("making the folder of the control plane: %w", err)
	}
	unlock, err := waitForLock(ctx, filepath.Join(bin, "cluster.lock"))
	if err != nil {
		return "", fmt.Errorf("waiting for another build of the control plane: %w", err)
	}
	defer unlock()
	if _, err := os.Stat(executable); err == nil {
		return executable, nil // Built by whoever held the lock.
	}
	return executable, compile(ctx, module, executable, flags, log)
}

// compile builds into a temporary name first, so that an interrupted build leaves no half executable.
func compile(ctx context.Context, module, executable, flags string, log io.Writer) error {
	unfinished := executable + ".unfinished"
	progress := newProgress(log)
	defer progress.stop()

	build := goCommand(ctx, module, "build", "-v", "-buildvcs=false", "-ldflags", flags, "-o", unfinished, ".")
	build.Stderr = progress
	if err := build.Run(); err != nil {
		return fmt.Errorf("building the control plane in %s: %w\n%s", module, err, progress.tail())
	}
	if err := os.Rename(unfinished, executable); err != nil {
		return fmt.Errorf("keeping the control plane that was built: %w", err)
	}
	return nil
}

// linkFlags stamps the executable with the release it is built from: clients refuse to parse the
// placeholder version that unstamped Kubernetes code reports.
func linkFlags(ctx context.Context, module string) (string, error) {
	out, err := output(goCommand(ctx, module, "list", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes"))
	if err != nil {
		return "", fmt.Errorf("asking which Kubernetes %s requires: %w", module, err)
	}
	version := strings.TrimSpace(out)
	parts := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	if len(parts) != 3 {
		return "", fmt.Errorf("asking which Kubernetes %s requires: %q is not a version", module, version)
	}
	const pkg = "k8s.io/component-base/version"
	return fmt.Sprintf("-s -w -X %[1]s.gitVersion=%[2]s -X %[1]s.gitMajor=%[3]s -X %[1]s.gitMinor=%[4]s",
		pkg, version, parts[0], parts[1]), nil
}

// digestModule identifies everything that decides what the compiler makes of the module.
func digestModule(ctx context.Context, module, flags string) (string, error) {
	toolchain, err := output(goCommand(ctx, module, "env", "GOVERSION", "GOOS", "GOARCH", "CGO_ENABLED"))
	if err != nil {
		return "", fmt.Errorf("asking for the Go version: %w", err)
	}
	files, err := filepath.Glob(filepath.Join(module, "*.go"))
	if err != nil {
		return "", fmt.Errorf("listing %s: %w", module, err)
	}
	files = append(files, filepath.Join(module, "go.mod"), filepath.Join(module, "go.sum"))
	slices.Sort(files)

	hash := sha256.New()
	fmt.Fprintf(hash, "%s\n%s\n", toolchain, flags)
	for _, file := range files {
		content, err := os.ReadFile(file) //nolint:gosec // A file of this repository.
		if err != nil {
			return "", fmt.Errorf("reading the control plane's module: %w", err)
		}
		fmt.Fprintf(hash, "%s %d\n", filepath.Base(file), len(content))
		hash.Write(content)
	}
	return hex.EncodeToString(hash.Sum(nil))[:12], nil
}

// goCommand runs the go tool for the module alone, whatever workspace surrounds it.
func goCommand(ctx context.Context, module string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...) //nolint:gosec // Constant arguments and paths of this repository.
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "GOWORK=off")
	return cmd
}

func output(cmd *exec.Cmd) (string, error) {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	return string(out), nil
}

func findRoot(root string) (string, error) {
	if root != "" {
		return filepath.Abs(root)
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the repository: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, moduleFolder, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("finding the repository: no folder above the working directory has " + moduleFolder)
		}
		dir = parent
	}
}
