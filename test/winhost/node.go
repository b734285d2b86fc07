package winhost

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// source is the package that a program is built from, and the folder of its module.
type source struct{ module, pkg string }

// nodePrograms are what runs on a node. containerd and kube-log-runner are the real ones; kubelet is a hollow one, and
// the rest stand in for what they are called.
func nodePrograms() map[string]source {
	const (
		containerd = sourceFolder + "/containerd"
		hollow     = "./" + sourceFolder + "/nodeservice"
	)
	return map[string]source{
		"containerd.exe":                {containerd, "github.com/containerd/containerd/v2/cmd/containerd"},
		"containerd-shim-runhcs-v1.exe": {".", "./" + sourceFolder + "/program/runhcs"},
		"ctr.exe":                       {containerd, "github.com/containerd/containerd/v2/cmd/ctr"},
		"kubelet.exe":                   {".", "./" + sourceFolder + "/kubelet"},
		"kube-log-runner.exe":           {".", "k8s.io/component-base/logs/kube-log-runner"},
		"kube-proxy.exe":                {".", hollow},
		"csi-proxy.exe":                 {".", hollow},
		"windows_exporter.exe":          {".", hollow},
	}
}

// BuildNodeProgram builds a program of a node for Windows and returns its path: containerd.exe, its shim, ctr.exe,
// kubelet.exe, kube-log-runner.exe, kube-proxy.exe, csi-proxy.exe or windows_exporter.exe. It needs no Wine. The first
// build of containerd downloads some hundred modules and compiles for minutes; what has not changed is not built
// again. Root is the repository's folder; when empty it is searched upwards from the working directory.
func BuildNodeProgram(ctx context.Context, root, name string) (string, error) {
	source, known := nodePrograms()[name]
	if !known {
		names := slices.Sorted(maps.Keys(nodePrograms()))
		return "", fmt.Errorf("building %q: it is none of %s", name, strings.Join(names, ", "))
	}
	root, err := findRoot(root)
	if err != nil {
		return "", err
	}
	folder := filepath.Join(root, ".cache/winhost-node")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("making the cache: %w", err)
	}
	unlock, err := lock(ctx, filepath.Join(folder, name+".lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	executable := filepath.Join(folder, name)
	return executable, BuildProgram(ctx, filepath.Join(root, source.module), source.pkg, executable)
}
