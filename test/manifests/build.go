// Package manifests builds the shipped manifests in-process, so that tests and the demonstration use these
// and not a copy.
package manifests

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// Objects are what a kustomization makes, in the order in which they are to be applied.
type Objects []*unstructured.Unstructured

// Build builds a folder of the repository, such as manifests/overlays/default. The repository's root is
// searched upwards from the working directory.
func Build(folder string) (Objects, error) {
	root, err := Root()
	if err != nil {
		return nil, err
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), filepath.Join(root, folder))
	if err != nil {
		return nil, fmt.Errorf("building %s: %w", folder, err)
	}
	objects := make(Objects, 0, built.Size())
	for _, resource := range built.Resources() {
		content, err := resource.Map()
		if err != nil {
			return nil, fmt.Errorf("building %s: reading %s: %w", folder, resource.CurId(), err)
		}
		objects = append(objects, &unstructured.Unstructured{Object: content})
	}
	return objects, nil
}

// Root is the repository's folder, searched upwards from the working directory.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the repository: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "manifests", "base", "kustomization.yaml")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("finding the repository: no folder above the working directory has manifests/base")
		}
		dir = parent
	}
}

// Decode finds the one object of a kind and name and decodes it into its Go type. Unknown fields are errors.
func (o Objects) Decode(kind, name string, into any) error {
	for _, object := range o {
		if object.GetKind() != kind || object.GetName() != name {
			continue
		}
		err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(object.Object, into, true)
		if err != nil {
			return fmt.Errorf("decoding %s %s: %w", kind, name, err)
		}
		return nil
	}
	return fmt.Errorf("decoding %s %s: there is none", kind, name)
}
