package localcluster

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Kubectl runs kubectl as the identity and returns its standard output. Stdin may be nil. An error carries
// what kubectl printed to standard error.
func (i *Identity) Kubectl(ctx context.Context, stdin io.Reader, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, i.kubectl, args...) //nolint:gosec // What we built, with the caller's arguments.
	cmd.Env = i.Environ()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("kubectl %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return stdout.String(), nil
}

// Environ is the environment of this process, changed so that programs like kubectl talk to the cluster as the identity.
func (i *Identity) Environ() []string {
	return append(os.Environ(),
		"KUBECONFIG="+i.kubeconfig,
		"HOME="+filepath.Dir(i.kubeconfig)) // Where they cache discovery: this cluster's is nobody else's.
}

// Environ is that of the cluster's administrator. See Identity.Environ.
func (c *Cluster) Environ() []string { return c.admin.Environ() }

// Kubectl runs kubectl as the cluster's administrator. See Identity.Kubectl.
func (c *Cluster) Kubectl(ctx context.Context, stdin io.Reader, args ...string) (string, error) {
	return c.admin.Kubectl(ctx, stdin, args...)
}

// Apply applies a kustomize folder as the administrator, server-side.
func (c *Cluster) Apply(ctx context.Context, folder string) error {
	_, err := c.Kubectl(ctx, nil, "apply", "--server-side", "-k", folder)
	return err
}
