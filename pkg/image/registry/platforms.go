package registry

import (
	"context"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"

	"github.com/mullion-dev/mullion/pkg/policy"
)

// maxParallel is how many of an index's images are read at once.
const maxParallel = 4

// lookup has the whole conversation.
func (s *session) lookup(ctx context.Context) (*policy.Image, error) {
	if s.revalidate {
		current, err := s.headDigest(ctx)
		if err != nil {
			return nil, err
		}
		if known := s.known(current); current != "" && known != nil {
			return known, nil
		}
	}
	top, err := s.fetchManifest(ctx, s.image.Identifier())
	if err != nil {
		return nil, err
	}
	if known := s.known(top.digest); known != nil {
		return known, nil
	}
	image := &policy.Image{Digest: top.digest, Index: top.index}
	if top.index {
		image.Platforms, err = s.indexPlatforms(ctx, top)
	} else {
		image.Platforms, err = s.singlePlatform(ctx, top)
	}
	if err != nil {
		return nil, err
	}
	return image, nil
}

func (s *session) singlePlatform(ctx context.Context, manifest *document) ([]policy.Platform, error) {
	if !isImageConfig(manifest.config.MediaType) {
		return nil, malformed("it is an artifact, not a container image")
	}
	body, err := s.fetchConfig(ctx, manifest.config)
	if err != nil {
		return nil, err
	}
	platform, err := parseConfig(body)
	if err != nil {
		return nil, err
	}
	facts, err := toPolicy(platform, manifest.digest)
	if err != nil {
		return nil, err
	}
	return []policy.Platform{facts}, nil
}

// indexPlatforms lists an index's images in its order, reading the configuration of those whose entry does
// not say enough.
func (s *session) indexPlatforms(ctx context.Context, index *document) ([]policy.Platform, error) {
	leaves, err := s.flatten(ctx, index)
	if err != nil {
		return nil, err
	}
	found := make([]*policy.Platform, len(leaves))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxParallel)
	for i, leaf := range leaves {
		group.Go(func() error {
			platform, err := s.readEntry(ctx, leaf)
			found[i] = platform
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	platforms := make([]policy.Platform, 0, len(found))
	for _, platform := range found {
		if platform != nil {
			platforms = append(platforms, *platform)
		}
	}
	if len(platforms) == 0 {
		return nil, malformed("its index lists no container image")
	}
	return platforms, nil
}

// needsConfig tells whether an index entry leaves open what the image's configuration may tell: everything,
// or the version of Windows that it was built for.
func needsConfig(platform *v1.Platform) bool {
	return platform == nil || platform.OS == "" || isWindows(platform.OS) && platform.OSVersion == ""
}

// readEntry takes an index entry's platform from the entry, and what that leaves open from the image's
// configuration. It returns nil where the entry turns out to be no container image.
func (s *session) readEntry(ctx context.Context, entry v1.Descriptor) (*policy.Platform, error) {
	if !needsConfig(entry.Platform) {
		facts, err := toPolicy(*entry.Platform, entry.Digest.String())
		return &facts, err
	}
	manifest, err := s.fetchManifest(ctx, entry.Digest.String())
	if err != nil {
		return nil, err
	}
	if manifest.index {
		return nil, malformed("an index entry that claims to be an image is an index")
	}
	if !isImageConfig(manifest.config.MediaType) {
		return nil, nil
	}
	body, err := s.fetchConfig(ctx, manifest.config)
	if err != nil {
		return nil, err
	}
	configured, err := parseConfig(body)
	if err != nil {
		return nil, err
	}
	platform := configured
	if entry.Platform != nil {
		platform = merge(*entry.Platform, configured)
	}
	facts, err := toPolicy(platform, entry.Digest.String())
	return &facts, err
}
