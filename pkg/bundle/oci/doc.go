// Package oci keeps node bundles in OCI registries.
//
// A bundle is an image manifest as https://github.com/opencontainers/image-spec/blob/main/manifest.md has it for
// artifacts: its config is our manifest, and each layer is one file as it is. Files are neither packed nor compressed,
// for then the digest of a file is the digest of its blob: what two bundles have in common is stored, and sent, once,
// and what reaches a host can be compared with what the registry has without unpacking anything.
package oci

import "github.com/google/go-containerregistry/pkg/v1/types"

// Media types. That of the config is what tells a bundle from other artifacts.
const (
	ManifestMediaType types.MediaType = "application/vnd.mullion.node-bundle.manifest.v1+json"
	FileMediaType     types.MediaType = "application/vnd.mullion.node-bundle.file.v1"
)

// ArtifactType is what registries show of a bundle.
const ArtifactType = "application/vnd.mullion.node-bundle.v1"

// titleAnnotation is where tools such as oras look for a layer's file name.
const titleAnnotation = "org.opencontainers.image.title"
