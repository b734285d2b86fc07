package image

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unique"

	"github.com/mullion-dev/mullion/pkg/policy"
)

// facts is a [policy.Image] at rest, about a sixth of its size: digests are kept as bytes, and what images have in
// common is shared between all of them.
type facts struct {
	platforms unique.Handle[kinds]
	// digests are those of the image and of its platforms, one after the other, each of digestSize bytes.
	digests string
	index   bool
}

// kinds lists everything about an image's platforms but their digests. There are few such lists: images built on one
// Windows update, for the same architectures, have the same.
type kinds struct {
	first kind
	// rest is the list without the first, and zero at its end.
	rest unique.Handle[kinds]
}

type kind struct {
	os, architecture, osVersion string
	// osFeatures are joined by featureSeparator, which checked platforms do not contain.
	osFeatures string
}

const featureSeparator = "\n"

// compact puts an image to rest. Its digests must be sha256.
func compact(image *policy.Image) (*facts, error) {
	digests := make([]byte, 0, (1+len(image.Platforms))*digestSize)
	digests, err := appendDigest(digests, image.Digest)
	if err != nil {
		return nil, err
	}
	for i := range image.Platforms {
		if digests, err = appendDigest(digests, image.Platforms[i].Digest); err != nil {
			return nil, err
		}
	}
	return &facts{platforms: listKinds(image.Platforms), digests: string(digests), index: image.Index}, nil
}

func listKinds(platforms []policy.Platform) (list unique.Handle[kinds]) {
	for i := len(platforms) - 1; i >= 0; i-- {
		p := &platforms[i]
		list = unique.Make(kinds{rest: list, first: kind{
			os:           p.OS,
			architecture: p.Architecture,
			osVersion:    p.OSVersion,
			osFeatures:   strings.Join(p.OSFeatures, featureSeparator),
		}})
	}
	return list
}

// expand makes the image again, for a reference spelled as given.
func (f *facts) expand(spelling string, stale bool) *policy.Image {
	image := &policy.Image{
		Reference: spelling,
		Digest:    f.digest(0),
		Index:     f.index,
		Platforms: make([]policy.Platform, len(f.digests)/digestSize-1),
		Stale:     stale,
	}
	list := f.platforms
	for i := range image.Platforms {
		k := list.Value()
		p := &image.Platforms[i]
		*p = policy.Platform{OS: k.first.os, Architecture: k.first.architecture, OSVersion: k.first.osVersion, Digest: f.digest(i + 1)}
		if k.first.osFeatures != "" {
			p.OSFeatures = strings.Split(k.first.osFeatures, featureSeparator)
		}
		list = k.rest
	}
	return image
}

// digest is the image's own digest where i is 0, and else that of its platform i-1.
func (f *facts) digest(i int) string {
	return sha256Prefix + hex.EncodeToString([]byte(f.digests[i*digestSize:(i+1)*digestSize]))
}

const (
	sha256Prefix = "sha256:"
	// digestSize is the size of a digest without its prefix, in bytes.
	digestSize = 32
)

// appendDigest appends the bytes of a digest.
func appendDigest(to []byte, digest string) ([]byte, error) {
	encoded, ok := strings.CutPrefix(digest, sha256Prefix)
	if !ok || len(encoded) != hex.EncodedLen(digestSize) {
		return nil, fmt.Errorf("%q is not a sha256 digest", digest)
	}
	to, err := hex.AppendDecode(to, []byte(encoded))
	if err != nil {
		return nil, fmt.Errorf("%q is not a sha256 digest", digest)
	}
	return to, nil
}
