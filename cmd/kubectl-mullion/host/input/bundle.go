package input

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/bundle/origins"
	"github.com/mullion-dev/mullion/pkg/agent/remote"
	"github.com/mullion-dev/mullion/pkg/bundle"
	"github.com/mullion-dev/mullion/pkg/bundle/cache"
	"github.com/mullion-dev/mullion/pkg/bundle/oci"
	"github.com/mullion-dev/mullion/pkg/nodeconfig"
)

// cacheLimit is how much of a disk bundles may take, in bytes: two of the largest.
const cacheLimit = 2 * bundle.MaxSize

// openBundle opens a bundle that is a directory or in a registry, and makes its files what contents are.
func (i *Input) openBundle(ctx context.Context, f *Flags, configured string, progress func(string)) (nodeconfig.Bundle, error) {
	named := f.bundle
	if named == "" {
		named = configured
	}
	if !strings.Contains(named, "@sha256:") {
		return i.openBundleDirectory(ctx, named, f.origins)
	}
	reference, err := name.NewDigest(named, f.registry.Names()...)
	if err != nil {
		return nodeconfig.Bundle{}, fmt.Errorf("--bundle: %w", err)
	}
	return i.fetchBundle(ctx, f, reference, progress)
}

// openBundleDirectory takes the files from where they are.
func (i *Input) openBundleDirectory(ctx context.Context, path, origin string) (nodeconfig.Bundle, error) {
	artifact, err := origins.Build(ctx, path, origin)
	if err != nil {
		return nodeconfig.Bundle{}, fmt.Errorf("--bundle: %w", err)
	}
	i.close = append(i.close, artifact)
	digest, err := artifact.Digest()
	if err != nil {
		return nodeconfig.Bundle{}, fmt.Errorf("--bundle: %w", err)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nodeconfig.Bundle{}, fmt.Errorf("--bundle: %w", err)
	}
	i.close = append(i.close, root)
	i.Contents = bundleContents{manifest: artifact.Manifest, open: func(file bundle.File) (remote.Content, error) {
		return root.Open(file.Path)
	}}
	return nodeconfig.Bundle{Digest: digest, Manifest: artifact.Manifest}, nil
}

// fetchBundle takes the files from a registry, by way of a directory.
func (i *Input) fetchBundle(ctx context.Context, f *Flags, reference name.Digest, progress func(string)) (nodeconfig.Bundle, error) {
	options, err := f.registry.Remote()
	if err != nil {
		return nodeconfig.Bundle{}, err
	}
	source, err := oci.Open(ctx, reference, options...)
	if err != nil {
		return nodeconfig.Bundle{}, err
	}
	directory := f.cache
	if directory == "" {
		if directory, err = os.MkdirTemp("", "mullion-bundle-"); err != nil {
			return nodeconfig.Bundle{}, fmt.Errorf("making a place for the bundle: %w", err)
		}
		i.close = append(i.close, temporary(directory))
	}
	kept, err := cache.Open(directory, cacheLimit)
	if err != nil {
		return nodeconfig.Bundle{}, err
	}
	i.close = append(i.close, kept)
	progress("fetching bundle " + reference.String())
	fetched, err := kept.Fetch(ctx, source)
	if err != nil {
		return nodeconfig.Bundle{}, err
	}
	i.Contents = bundleContents{manifest: fetched.Manifest, open: func(file bundle.File) (remote.Content, error) {
		return fetched.Open(file.SHA256)
	}}
	return nodeconfig.Bundle{Digest: fetched.Digest, Manifest: fetched.Manifest}, nil
}

// temporary is a directory that goes when it is closed.
type temporary string

func (t temporary) Close() error { return os.RemoveAll(string(t)) }

// bundleContents are the files of a bundle by digest.
type bundleContents struct {
	manifest *bundle.Manifest
	open     func(bundle.File) (remote.Content, error)
}

// Open implements remote.Contents.
func (b bundleContents) Open(_ context.Context, sha256 string) (remote.Content, error) {
	at := slices.IndexFunc(b.manifest.Files, func(file bundle.File) bool { return file.SHA256 == sha256 })
	if at < 0 {
		return nil, fmt.Errorf("the bundle does not have it: %w", fs.ErrNotExist)
	}
	return b.open(b.manifest.Files[at])
}
