package oci

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/mullion-dev/mullion/pkg/bundle"
)

// Artifact is a bundle on this machine's disk, ready to be pushed.
type Artifact struct {
	Manifest *bundle.Manifest

	root   *os.Root
	config []byte
	raw    []byte // the OCI manifest
	files  map[v1.Hash]bundle.File
}

func newArtifact(root *os.Root, manifest *bundle.Manifest) (*Artifact, error) {
	config, err := manifest.Encode()
	if err != nil {
		return nil, fmt.Errorf("writing bundle manifest: %w", err)
	}
	digest, size, err := v1.SHA256(bytes.NewReader(config))
	if err != nil {
		return nil, err
	}
	image := v1.Manifest{
		SchemaVersion: 2,
		MediaType:     types.OCIManifestSchema1,
		ArtifactType:  ArtifactType,
		Config:        v1.Descriptor{MediaType: ManifestMediaType, Digest: digest, Size: size},
	}
	artifact := &Artifact{Manifest: manifest, root: root, config: config, files: map[v1.Hash]bundle.File{}}
	for _, file := range manifest.Files {
		hash := v1.Hash{Algorithm: "sha256", Hex: file.SHA256}
		artifact.files[hash] = file
		image.Layers = append(image.Layers, v1.Descriptor{
			MediaType: FileMediaType, Digest: hash, Size: file.Size,
			Annotations: map[string]string{titleAnnotation: file.Path},
		})
	}
	artifact.raw, err = json.Marshal(image)
	return artifact, err
}

// Digest is that by which the bundle is named in a registry, sha256:….
func (a *Artifact) Digest() (string, error) {
	digest, _, err := v1.SHA256(bytes.NewReader(a.raw))
	return digest.String(), err
}

// Close closes the directory that the bundle was built of.
func (a *Artifact) Close() error { return a.root.Close() }

// Push uploads the bundle, and returns its reference by digest. Files that the registry has are not sent again.
func (a *Artifact) Push(ctx context.Context, reference name.Reference, options ...remote.Option) (name.Digest, error) {
	digest, err := a.Digest()
	if err != nil {
		return name.Digest{}, err
	}
	image, err := partial.CompressedToImage(core{a})
	if err != nil {
		return name.Digest{}, err
	}
	if err := remote.Write(reference, image, append(slices.Clip(options), remote.WithContext(ctx))...); err != nil {
		return name.Digest{}, fmt.Errorf("pushing bundle to %s: %w", reference, err)
	}
	return reference.Context().Digest(digest), nil
}

// core shows an artifact as the image that go-containerregistry pushes.
type core struct{ *Artifact }

var _ partial.CompressedImageCore = core{}

func (c core) RawConfigFile() ([]byte, error)      { return c.config, nil }
func (c core) MediaType() (types.MediaType, error) { return types.OCIManifestSchema1, nil }
func (c core) RawManifest() ([]byte, error)        { return c.raw, nil }

// LayerByDigest finds a file by the digest of its content.
func (c core) LayerByDigest(hash v1.Hash) (partial.CompressedLayer, error) {
	file, found := c.files[hash]
	if !found {
		return nil, fmt.Errorf("the bundle has no file with digest %s", hash)
	}
	return layer{root: c.root, hash: hash, file: file}, nil
}

// layer is one file as a blob.
type layer struct {
	root *os.Root
	hash v1.Hash
	file bundle.File
}

func (l layer) Digest() (v1.Hash, error)            { return l.hash, nil }
func (l layer) Size() (int64, error)                { return l.file.Size, nil }
func (l layer) MediaType() (types.MediaType, error) { return FileMediaType, nil }
func (l layer) Compressed() (io.ReadCloser, error)  { return l.root.Open(l.file.Path) }
