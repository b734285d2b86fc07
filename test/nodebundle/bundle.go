// Package nodebundle makes bundles of the programs that test hosts run as nodes, and configurations that name them.
package nodebundle

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"
	"golang.org/x/sync/errgroup"

	"github.com/mullion-dev/mullion/pkg/bundle/oci"
	"github.com/mullion-dev/mullion/test/winhost"
)

// DefaultVersion is that of the local control plane, and of the nodes' kubelet where nothing else is asked for.
const DefaultVersion = "v1.36.3"

// Options say what is in a bundle.
type Options struct {
	// Root is the repository's folder. When empty it is searched upwards from the working directory.
	Root string
	// Version is what the kubelet says it is; empty means DefaultVersion.
	Version string
	// Files are added to the programs, by their paths in the bundle: two bundles may differ by one.
	Files map[string][]byte
}

// programs are those of a bundle, with the projects that they are from, or stand for.
func programs() map[string]oci.Origin {
	return map[string]oci.Origin{
		"containerd.exe":                {Component: "containerd", Version: "v2.3.0"},
		"containerd-shim-runhcs-v1.exe": {Component: "hcsshim", Version: "v0.15.0"},
		"kubelet.exe":                   {Component: "kubernetes"},
		"kube-log-runner.exe":           {Component: "kubernetes"},
		"kube-proxy.exe":                {Component: "kubernetes"},
		"csi-proxy.exe":                 {Component: "csi-proxy", Version: "v1.3.0"},
		"windows_exporter.exe":          {Component: "windows_exporter", Version: "v0.31.3"},
	}
}

// Push builds the programs, which takes minutes the first time, and pushes a bundle of them to a repository, which is
// answered over plain HTTP. It returns the bundle's reference by digest.
func Push(ctx context.Context, repository string, o Options) (reference string, err error) {
	if o.Version == "" {
		o.Version = DefaultVersion
	}
	folder, err := os.MkdirTemp("", "node-bundle-")
	if err != nil {
		return "", fmt.Errorf("making a folder for a node bundle: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if err := fill(ctx, folder, o); err != nil {
		return "", err
	}
	artifact, err := oci.Build(ctx, folder, func(path string) (oci.Origin, error) {
		origin, known := programs()[path]
		switch {
		case !known:
			origin = oci.Origin{Component: "tests", Version: o.Version}
		case origin.Version == "":
			origin.Version = o.Version
		}
		return origin, nil
	})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, artifact.Close()) }()
	tag, err := name.NewTag(repository+":test", name.Insecure)
	if err != nil {
		return "", fmt.Errorf("naming the node bundle: %w", err)
	}
	pushed, err := artifact.Push(ctx, tag)
	return pushed.String(), err
}

// fill puts everything into a folder.
func fill(ctx context.Context, folder string, o Options) error {
	files := map[string][]byte{"kubelet.version": []byte(o.Version + "\n")}
	for path, content := range o.Files {
		files[path] = content
	}
	building, ctx := errgroup.WithContext(ctx)
	for program := range programs() {
		building.Go(func() error {
			built, err := winhost.BuildNodeProgram(ctx, o.Root, program)
			if err != nil {
				return err
			}
			return os.Link(built, filepath.Join(folder, program))
		})
	}
	if err := building.Wait(); err != nil {
		return fmt.Errorf("making a node bundle: %w", err)
	}
	for path, content := range files {
		path = filepath.Join(folder, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf("making a node bundle: %w", err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return fmt.Errorf("making a node bundle: %w", err)
		}
	}
	return nil
}
