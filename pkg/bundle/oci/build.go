package oci

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/pkg/bundle"
)

// Origin says which release of which project a file is from.
type Origin struct {
	Component string
	Version   string
}

// Build makes a bundle of all files below a directory. origin is asked for each of them, by its path with slashes.
// What is not a regular file is refused: a link could lead out of the directory, and Windows has no use for it. The
// directory stays open, and must not change, until [Artifact.Close].
func Build(ctx context.Context, directory string, origin func(path string) (Origin, error)) (*Artifact, error) {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return nil, fmt.Errorf("opening the bundle's directory: %w", err)
	}
	artifact, err := build(ctx, root, origin)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("building a bundle of %s: %w", directory, err), root.Close())
	}
	return artifact, nil
}

func build(ctx context.Context, root *os.Root, origin func(path string) (Origin, error)) (*Artifact, error) {
	manifest := &bundle.Manifest{Schema: bundle.Schema}
	err := fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case entry.IsDir():
			return nil
		case !entry.Type().IsRegular():
			return fmt.Errorf("%s is not a regular file", path)
		}
		file, err := describe(root, path, origin)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		manifest.Files = append(manifest.Files, file)
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(manifest.Files, func(a, b bundle.File) int { return cmp.Compare(a.Path, b.Path) })
	if err := manifest.Validate(); err != nil {
		return nil, err
	}
	return newArtifact(root, manifest)
}

func describe(root *os.Root, path string, origin func(path string) (Origin, error)) (bundle.File, error) {
	from, err := origin(path)
	if err != nil {
		return bundle.File{}, err
	}
	file, err := root.Open(path)
	if err != nil {
		return bundle.File{}, err
	}
	defer file.Close()
	hash := sha256.New()
	size, err := io.Copy(hash, file)
	if err != nil {
		return bundle.File{}, err
	}
	return bundle.File{
		Path:       path,
		Size:       size,
		SHA256:     hex.EncodeToString(hash.Sum(nil)),
		Executable: strings.HasSuffix(strings.ToLower(path), ".exe"),
		Component:  from.Component,
		Version:    from.Version,
	}, nil
}
