package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/opencontainers/go-digest"
)

// maxDocumentSize bounds manifests, indexes and image configurations, in bytes. Registries and containerd
// refuse larger manifests too.
const maxDocumentSize = 4 << 20

// contentDigest is the header in which a registry says which digest a tag has.
const contentDigest = "Docker-Content-Digest"

// headDigest asks which digest the reference has now. It returns "" where the registry does not say; what is
// wrong then shows when the manifest is fetched.
func (s *session) headDigest(ctx context.Context) (string, error) {
	response, err := s.send(ctx, http.MethodHead, "manifests/"+s.image.Identifier(), acceptManifests())
	if err != nil {
		return "", err
	}
	defer closeBody(response)
	if response.StatusCode == http.StatusTooManyRequests || response.StatusCode >= http.StatusInternalServerError {
		return "", s.statusError(response)
	}
	claimed := response.Header.Get(contentDigest)
	if response.StatusCode != http.StatusOK || !isDigest(claimed) {
		return "", nil
	}
	return claimed, nil
}

// isDigest tells whether a string is a sha256 digest, the only algorithm in use.
func isDigest(s string) bool {
	d := digest.Digest(s)
	return d.Validate() == nil && d.Algorithm() == digest.SHA256
}

// fetchManifest reads a manifest or an index by tag or digest.
func (s *session) fetchManifest(ctx context.Context, identifier string) (*document, error) {
	body, header, err := s.get(ctx, "manifests/"+identifier, acceptManifests())
	if err != nil {
		return nil, err
	}
	actual := digest.FromBytes(body)
	for _, claimed := range []string{identifier, header.Get(contentDigest)} {
		if isDigest(claimed) && claimed != actual.String() {
			return nil, malformed("it sent a manifest that does not have the digest that it should")
		}
	}
	return parseDocument(body, header.Get("Content-Type"), actual.String())
}

// fetchConfig reads an image's configuration.
func (s *session) fetchConfig(ctx context.Context, config v1.Descriptor) ([]byte, error) {
	if config.Size > maxDocumentSize {
		return nil, tooLarge("an image configuration", config.Size, maxDocumentSize)
	}
	body, _, err := s.get(ctx, "blobs/"+config.Digest.String(), nil)
	if err != nil {
		return nil, err
	}
	if actual := digest.FromBytes(body); actual.String() != config.Digest.String() {
		return nil, malformed("it sent an image configuration of another digest than %s", config.Digest)
	}
	return body, nil
}

func (s *session) get(ctx context.Context, path string, accept []string) ([]byte, http.Header, error) {
	response, err := s.send(ctx, http.MethodGet, path, accept)
	if err != nil {
		return nil, nil, err
	}
	defer closeBody(response)
	if response.StatusCode != http.StatusOK {
		return nil, nil, s.statusError(response)
	}
	body, err := readBounded(response, maxDocumentSize)
	return body, response.Header, err
}

// closeBody is done with an answer, however much of it was read.
func closeBody(response *http.Response) { _ = response.Body.Close() }

// readBounded believes a Content-Length that is too large, and no other.
func readBounded(response *http.Response, limit int64) ([]byte, error) {
	if response.ContentLength > limit {
		return nil, tooLarge("a document", response.ContentLength, limit)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	switch {
	case int64(len(body)) > limit:
		return nil, malformed("it sent a document of more than %d KiB", limit>>10)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("reading answer: %w", err)
	default:
		return body, nil
	}
}

func tooLarge(what string, size, limit int64) error {
	return malformed("it offers %s of %d KiB, more than the limit of %d", what, size>>10, limit>>10)
}
