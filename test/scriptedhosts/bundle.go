package scriptedhosts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/mullion-dev/mullion/pkg/bundle/oci"
)

// versionFile, beside the kubelet, says which version it is, as for the hollow kubelet of hosts under Wine.
const versionFile = "kubelet.version"

// programs are those of a bundle, which nobody executes, with the projects that they stand for. Those of Kubernetes have
// the version of the bundle.
func programs() map[string]oci.Origin {
	return map[string]oci.Origin{
		"containerd.exe":                {Component: "containerd", Version: "v2.3.0"},
		"containerd-shim-runhcs-v1.exe": {Component: "hcsshim", Version: "v0.15.0"},
		"csi-proxy.exe":                 {Component: "csi-proxy", Version: "v1.3.0"},
		"kube-log-runner.exe":           {Component: "kubernetes"},
		"kube-proxy.exe":                {Component: "kubernetes"},
		"kubelet.exe":                   {Component: "kubernetes"},
		"windows_exporter.exe":          {Component: "windows_exporter", Version: "v0.31.3"},
	}
}

// PushBundle pushes a bundle with a kubelet of a version to a repository, which is answered over plain HTTP, and returns its
// reference by digest.
func PushBundle(ctx context.Context, repository, version string) (reference string, err error) {
	folder, err := os.MkdirTemp("", "scripted-bundle-")
	if err != nil {
		return "", fmt.Errorf("making a folder for a bundle: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	files := map[string]string{versionFile: version}
	for program := range programs() {
		files[program] = "MZ, " + program + " of " + version
	}
	for file, content := range files {
		if err := os.WriteFile(filepath.Join(folder, file), []byte(content), 0o600); err != nil {
			return "", fmt.Errorf("making a bundle: %w", err)
		}
	}
	artifact, err := oci.Build(ctx, folder, func(path string) (oci.Origin, error) {
		origin, known := programs()[path]
		if !known {
			origin.Component = "tests"
		}
		if origin.Version == "" {
			origin.Version = version
		}
		return origin, nil
	})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, artifact.Close()) }()
	tag, err := name.NewTag(repository+":"+version, name.Insecure)
	if err != nil {
		return "", fmt.Errorf("naming a bundle: %w", err)
	}
	pushed, err := artifact.Push(ctx, tag)
	return pushed.String(), err
}
