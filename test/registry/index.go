package registry

import (
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// NewIndex builds an index that lists the manifests in the order given. It is a Docker manifest list, as
// Microsoft's are, or an OCI index where it carries attestations, as only newer build tools do.
func NewIndex(manifests ...Manifest) (v1.ImageIndex, error) {
	mediaType := types.DockerManifestList
	entries := make([]mutate.IndexAddendum, 0, len(manifests))
	for _, m := range manifests {
		image, err := NewImage(m)
		if err != nil {
			return nil, err
		}
		entry := mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: m.Entry}}
		if m.Attestation {
			mediaType = types.OCIImageIndex
			entry.Annotations = map[string]string{"vnd.docker.reference.type": "attestation-manifest"}
		}
		entries = append(entries, entry)
	}
	return mutate.AppendManifests(mutate.IndexMediaType(empty.Index, mediaType), entries...), nil
}

// WindowsIndex builds an index of one Windows image for each four-part version.
func WindowsIndex(versions ...string) (v1.ImageIndex, error) {
	manifests := make([]Manifest, 0, len(versions))
	for _, version := range versions {
		manifests = append(manifests, Windows(version))
	}
	return NewIndex(manifests...)
}

// Nest wraps an index in levels further indexes, each listing only the next: legal, and used by nobody.
func Nest(index v1.ImageIndex, levels int) v1.ImageIndex {
	for range levels {
		outer := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
		index = mutate.AppendManifests(outer, mutate.IndexAddendum{Add: index})
	}
	return index
}
