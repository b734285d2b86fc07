// Package origins reads the file that says where the files of a node bundle come from. Such a file is beside the
// bundle's directory, not in it: what is in the directory is what hosts get.
package origins

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"sigs.k8s.io/yaml"

	"github.com/mullion-dev/mullion/pkg/bundle/oci"
)

// Origins say which release of which project files are from.
type Origins struct {
	Components []Component `json:"components"`
}

// Component is a release of a project.
type Component struct {
	// Name is the project's, such as kubernetes.
	Name string `json:"name"`
	// Version is the release's, such as v1.37.2.
	Version string `json:"version"`
	// Files are patterns of paths in the bundle, with slashes, as path.Match has them: kubelet.exe, cni/*.exe.
	Files []string `json:"files"`
}

// DefaultFile is the file of a bundle's directory: its name and .yaml.
func DefaultFile(directory string) string { return filepath.Clean(directory) + ".yaml" }

// Read reads a file of origins.
func Read(file string) (*Origins, error) {
	text, err := os.ReadFile(file) //nolint:gosec // The user names it.
	if err != nil {
		return nil, fmt.Errorf("reading where the bundle's files come from: %w", err)
	}
	o := new(Origins)
	if err := yaml.UnmarshalStrict(text, o); err != nil {
		return nil, fmt.Errorf("reading where the bundle's files come from: %s: %w", file, err)
	}
	for _, component := range o.Components {
		if component.Name == "" || component.Version == "" {
			return nil, fmt.Errorf("%s: every component has a name and a version", file)
		}
		for _, pattern := range component.Files {
			if _, err := path.Match(pattern, ""); err != nil {
				return nil, fmt.Errorf("%s: component %s: %q is no pattern of paths", file, component.Name, pattern)
			}
		}
	}
	return o, nil
}

// Of is where a file comes from. A file that no component has, or two have, is an error.
func (o *Origins) Of(file string) (oci.Origin, error) {
	var found []Component
	for _, component := range o.Components {
		for _, pattern := range component.Files {
			if matches, err := path.Match(pattern, file); err == nil && matches {
				found = append(found, component)
				break
			}
		}
	}
	switch len(found) {
	case 1:
		return oci.Origin{Component: found[0].Name, Version: found[0].Version}, nil
	case 0:
		return oci.Origin{}, errors.New("no component has it: list it with where it comes from, or take it out")
	default:
		return oci.Origin{}, fmt.Errorf("both %s and %s have it", found[0].Name, found[1].Name)
	}
}

// Build makes a bundle of a directory, as a file says where its files come from; empty is the default one.
func Build(ctx context.Context, directory, file string) (*oci.Artifact, error) {
	if _, err := os.Stat(directory); err != nil {
		return nil, fmt.Errorf("reading the bundle's directory: %w", err)
	}
	named := file != ""
	if !named {
		file = DefaultFile(directory)
	}
	o, err := Read(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !named:
		return nil, fmt.Errorf("%w; --origins names another file, and kubectl mullion bundle build --help shows one", err)
	case err != nil:
		return nil, err
	}
	return oci.Build(ctx, directory, o.Of)
}
