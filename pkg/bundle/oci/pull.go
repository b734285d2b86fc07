package oci

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/mullion-dev/mullion/pkg/bundle"
)

// Remote is a bundle in a registry, of which only the manifest has been read.
type Remote struct {
	reference name.Digest
	manifest  *bundle.Manifest
	image     v1.Image
}

// Open reads and verifies the manifest of a bundle. Everything that is read from it later, too, ends with the context.
func Open(ctx context.Context, reference name.Digest, options ...remote.Option) (*Remote, error) {
	r := &Remote{reference: reference}
	if err := r.open(append(slices.Clip(options), remote.WithContext(ctx))); err != nil {
		return nil, fmt.Errorf("reading bundle %s: %w", reference, err)
	}
	return r, nil
}

func (r *Remote) open(options []remote.Option) error {
	descriptor, err := remote.Get(r.reference, options...)
	if err != nil {
		return err
	}
	if descriptor.MediaType != types.OCIManifestSchema1 {
		return fmt.Errorf("it is no node bundle: its media type is %s", descriptor.MediaType)
	}
	if r.image, err = descriptor.Image(); err != nil {
		return err
	}
	listed, err := r.image.Manifest()
	if err != nil {
		return err
	}
	switch {
	case listed.Config.MediaType != ManifestMediaType:
		return fmt.Errorf("it is no node bundle: its config is %s", listed.Config.MediaType)
	case listed.Config.Size > bundle.MaxManifestBytes:
		return fmt.Errorf("its manifest has %d bytes, more than %d", listed.Config.Size, bundle.MaxManifestBytes)
	}
	raw, err := r.image.RawConfigFile()
	if err != nil {
		return fmt.Errorf("its manifest: %w", err)
	}
	if r.manifest, err = bundle.Decode(raw); err != nil {
		return err
	}
	return compare(r.manifest.Files, listed.Layers)
}

// compare refuses a manifest that lists other files than the registry has: one of the two is not what was built.
func compare(files []bundle.File, layers []v1.Descriptor) error {
	if len(files) != len(layers) {
		return fmt.Errorf("it has %d layers for %d files", len(layers), len(files))
	}
	for i, file := range files {
		at := layers[i]
		if at.MediaType != FileMediaType || at.Digest.String() != "sha256:"+file.SHA256 || at.Size != file.Size {
			return fmt.Errorf("file %s is not what layer %d has", file.Path, i)
		}
	}
	return nil
}

// Digest is that of the bundle, sha256:….
func (r *Remote) Digest() string { return r.reference.DigestStr() }

// Manifest lists what is in the bundle.
func (r *Remote) Manifest() *bundle.Manifest { return r.manifest }

// Read reads a file. What it returns has to be closed; whether it is what the manifest says is for the reader to
// find out.
func (r *Remote) Read(file bundle.File) (io.ReadCloser, error) {
	blob, err := r.image.LayerByDigest(v1.Hash{Algorithm: "sha256", Hex: file.SHA256})
	if err != nil {
		return nil, err
	}
	return blob.Compressed()
}
