package image

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unique"

	"github.com/mullion-dev/mullion/pkg/policy"
)

// facts is a [policy.Image] at rest, about a quarter of its size: digests are kept as bytes, and what images
// have in common is shared between all of them.
type facts struct {
	digest    sha256Sum
	index     bool
	platforms []compactPlatform
}

type compactPlatform struct {
	kind   unique.Handle[kind]
	digest sha256Sum
}

// kind is everything about a platform but its digest. There are few: every image of one Windows update has
// the same.
type kind struct {
	os, architecture, osVersion string
	// osFeatures are joined by featureSeparator, which checked platforms do not contain.
	osFeatures string
}

const featureSeparator = "\n"

// compact puts an image to rest. Its digests must be sha256.
func compact(image *policy.Image) (*facts, error) {
	digest, err := parseSHA256(image.Digest)
	if err != nil {
		return nil, err
	}
	f := &facts{digest: digest, index: image.Index, platforms: make([]compactPlatform, len(image.Platforms))}
	for i, p := range image.Platforms {
		digest, err := parseSHA256(p.Digest)
		if err != nil {
			return nil, err
		}
		f.platforms[i] = compactPlatform{digest: digest, kind: unique.Make(kind{
			os:           p.OS,
			architecture: p.Architecture,
			osVersion:    p.OSVersion,
			osFeatures:   strings.Join(p.OSFeatures, featureSeparator),
		})}
	}
	return f, nil
}

// expand makes the image again, for a reference spelled as given.
func (f *facts) expand(spelling string, stale bool) *policy.Image {
	image := &policy.Image{
		Reference: spelling,
		Digest:    f.digest.String(),
		Index:     f.index,
		Platforms: make([]policy.Platform, len(f.platforms)),
		Stale:     stale,
	}
	for i, p := range f.platforms {
		k := p.kind.Value()
		image.Platforms[i] = policy.Platform{OS: k.os, Architecture: k.architecture, OSVersion: k.osVersion, Digest: p.digest.String()}
		if k.osFeatures != "" {
			image.Platforms[i].OSFeatures = strings.Split(k.osFeatures, featureSeparator)
		}
	}
	return image
}

// sha256Sum is a digest without its prefix.
type sha256Sum [32]byte

const sha256Prefix = "sha256:"

func parseSHA256(digest string) (sha256Sum, error) {
	var sum sha256Sum
	encoded, ok := strings.CutPrefix(digest, sha256Prefix)
	if n, err := hex.Decode(sum[:], []byte(encoded[:min(len(encoded), 2*len(sum))])); !ok || err != nil || n != len(sum) || len(encoded) != 2*len(sum) {
		return sha256Sum{}, fmt.Errorf("%q is not a sha256 digest", digest)
	}
	return sum, nil
}

func (s sha256Sum) String() string { return sha256Prefix + hex.EncodeToString(s[:]) }
