package registry

import (
	"context"
	"fmt"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Content is an image or an index: what a reference can name.
type Content interface {
	remote.Taggable
	Digest() (v1.Hash, error)
}

// Push stores content under a repository and tag, such as "windows/nanoserver:ltsc2022", replacing what the
// tag named before, and returns its digest.
func (r *Registry) Push(ctx context.Context, repositoryAndTag string, content Content) (v1.Hash, error) {
	ref, err := name.ParseReference(r.Reference(repositoryAndTag), name.StrictValidation, name.Insecure)
	if err != nil {
		return v1.Hash{}, fmt.Errorf("pushing %s: %w", repositoryAndTag, err)
	}
	if err := remote.Push(ref, content, remote.WithContext(ctx), remote.WithTransport(direct{r.content}), remote.WithJobs(1)); err != nil {
		return v1.Hash{}, fmt.Errorf("pushing %s: %w", repositoryAndTag, err)
	}
	digest, err := content.Digest()
	if err != nil {
		return v1.Hash{}, fmt.Errorf("computing the digest of %s: %w", repositoryAndTag, err)
	}
	return digest, nil
}

// PushCatalog stores every fixture.
func (r *Registry) PushCatalog(ctx context.Context, fixtures []Fixture) error {
	for _, f := range fixtures {
		content, err := f.Build()
		if err != nil {
			return fmt.Errorf("building %s: %w", f.Name, err)
		}
		if _, err := r.Push(ctx, f.Name, content); err != nil {
			return err
		}
	}
	return nil
}
