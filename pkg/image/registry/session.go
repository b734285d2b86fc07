package registry

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/mullion-dev/mullion/pkg/image/reference"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// dockerHub serves its API under another name than references use.
const (
	dockerHub    = "docker.io"
	dockerHubAPI = "registry-1.docker.io"
)

// session is one conversation with one registry about one image under one set of credentials. Requests may
// be made concurrently.
type session struct {
	guard      *guard
	image      reference.Reference
	known      func(digest string) *policy.Image
	revalidate bool
	auth       authn.AuthConfig
	// matching is how many credentials match the image, for words only.
	matching int

	scheme string
	host   string

	mu sync.Mutex
	// authorization is the header that the registry accepts, "" until it asks for one.
	authorization string
}

func (c *Client) newSession(g *guard, query Query, auth authn.AuthConfig) *session {
	s := &session{
		guard:      g,
		image:      query.Image,
		known:      query.Known,
		revalidate: query.Revalidate,
		auth:       auth,
		matching:   len(query.Credentials),
		scheme:     "https",
		host:       query.Image.Registry(),
	}
	if s.known == nil {
		s.known = func(string) *policy.Image { return nil }
	}
	if c.insecure[s.host] {
		s.scheme = "http"
	}
	if s.host == dockerHub {
		s.host = dockerHubAPI
	}
	return s
}

// send makes a request under the repository, signing in if the registry asks for it. The caller closes the
// body. The answer may have any status.
func (s *session) send(ctx context.Context, method, path string, accept []string) (*http.Response, error) {
	used := s.signedIn()
	response, err := s.sendAs(ctx, used, method, path, accept)
	if err != nil {
		return nil, err
	}
	// Only the registry itself may ask for credentials: not a host that it redirected to.
	if response.StatusCode != http.StatusUnauthorized || response.Request.URL.Host != s.host {
		return response, nil
	}
	defer closeBody(response)
	authorization, err := s.signIn(ctx, response, used)
	if err != nil {
		return nil, err
	}
	return s.sendAs(ctx, authorization, method, path, accept)
}

func (s *session) sendAs(ctx context.Context, authorization, method, path string, accept []string) (*http.Response, error) {
	url := fmt.Sprintf("%s://%s/v2/%s/%s", s.scheme, s.host, s.image.Repository(), path)
	request, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return nil, fmt.Errorf("making request for %s: %w", s.image, err)
	}
	for _, mediaType := range accept {
		request.Header.Add("Accept", mediaType)
	}
	return s.guard.httpClient(s.host, authorization).Do(request)
}

func (s *session) signedIn() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.authorization
}
