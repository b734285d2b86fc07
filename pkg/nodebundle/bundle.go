package nodebundle

import (
	"context"
	"fmt"
	"io/fs"
	"slices"

	"github.com/mullion-dev/mullion/pkg/agent/remote"
	"github.com/mullion-dev/mullion/pkg/bundle"
	"github.com/mullion-dev/mullion/pkg/bundle/cache"
	"github.com/mullion-dev/mullion/pkg/nodeconfig"
)

// Bundle is a node bundle, every file of which is at hand.
type Bundle struct {
	nodeconfig.Bundle
	remote.Contents
}

// contents are the files of a bundle, by their digests.
type contents struct {
	held *cache.Bundle
	// using tells that the bundle is in use.
	using func()
}

// Open opens a file of the bundle.
func (c contents) Open(_ context.Context, sha256 string) (remote.Content, error) {
	listed := slices.ContainsFunc(c.held.Manifest.Files, func(file bundle.File) bool { return file.SHA256 == sha256 })
	if !listed {
		return nil, fmt.Errorf("bundle %s has no file with digest %s: %w", c.held.Digest, sha256, fs.ErrNotExist)
	}
	c.using()
	return c.held.Open(sha256)
}
