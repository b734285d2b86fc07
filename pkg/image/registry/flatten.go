package registry

import (
	"context"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

const (
	// maxEntries is how many entries the indexes behind one reference may have in all.
	maxEntries = 256
	// maxDepth is how deep indexes may be nested, the outermost included.
	maxDepth = 3
)

// attestationAnnotation marks the entries in which builders keep provenance.
// https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md
const attestationAnnotation = "vnd.docker.reference.type"

// flattening is the work of listing the images behind an index.
type flattening struct {
	session *session
	seen    map[string]bool
	entries int
	leaves  []v1.Descriptor
}

// flatten lists the entries of an index that may be container images, and in their place those of the
// indexes inside it. An index that appears again, inside itself or elsewhere, adds nothing the second time.
func (s *session) flatten(ctx context.Context, index *document) ([]v1.Descriptor, error) {
	f := &flattening{session: s, seen: map[string]bool{index.digest: true}}
	if err := f.add(ctx, index, 1); err != nil {
		return nil, err
	}
	return f.leaves, nil
}

func (f *flattening) add(ctx context.Context, index *document, depth int) error {
	f.entries += len(index.entries)
	if f.entries > maxEntries {
		return malformed("its index has more than %d entries", maxEntries)
	}
	for _, entry := range index.entries {
		if err := f.addEntry(ctx, entry, depth); err != nil {
			return err
		}
	}
	return nil
}

func (f *flattening) addEntry(ctx context.Context, entry v1.Descriptor, depth int) error {
	digest := entry.Digest.String()
	switch {
	case !isImageEntry(entry):
		return nil
	case !isDigest(digest):
		return malformed("its index has an entry without a sha256 digest")
	case entry.Size > maxDocumentSize:
		return tooLarge("a manifest", entry.Size, maxDocumentSize)
	case !entry.MediaType.IsIndex():
		f.leaves = append(f.leaves, entry)
		return nil
	case f.seen[digest]:
		return nil
	case depth == maxDepth:
		return malformed("its indexes are nested more than %d deep", maxDepth)
	}
	f.seen[digest] = true
	nested, err := f.session.fetchManifest(ctx, digest)
	if err != nil {
		return err
	}
	if !nested.index {
		return malformed("an index entry that claims to be an index is an image")
	}
	return f.add(ctx, nested, depth+1)
}

// isImageEntry leaves out attestations, and other artifacts that an index may list.
func isImageEntry(entry v1.Descriptor) bool {
	if entry.Annotations[attestationAnnotation] != "" {
		return false
	}
	if p := entry.Platform; p != nil && p.OS == "unknown" && p.Architecture == "unknown" {
		return false
	}
	if entry.ArtifactType != "" && !isImageConfig(types.MediaType(entry.ArtifactType)) {
		return false
	}
	return entry.MediaType.IsImage() || entry.MediaType.IsIndex() || entry.MediaType == ""
}
