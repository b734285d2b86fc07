package registry

import (
	"context"
	"crypto/x509"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/mullion-dev/mullion/pkg/image/reference"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// Options say how registries are reached.
type Options struct {
	// InsecureHosts are spoken to in plain HTTP: "registry.local:5000". Each with the port that appears in
	// image references, if any.
	InsecureHosts []string
	// RootCAs are the authorities that registries' certificates are checked against. nil means the system's.
	RootCAs *x509.CertPool
	// Proxy chooses a proxy for a request, such as [http.ProxyFromEnvironment]. nil means none.
	//
	// Behind a proxy it is the proxy that resolves names and connects. Addresses spelled out in a URL, and
	// the clouds' own names for their metadata services, are refused here all the same; that a registry's
	// name does not lead to such an address is then for the proxy to prevent. The proxy's own address must
	// not be link-local.
	Proxy func(*http.Request) (*url.URL, error)
	// UserAgent is what the client calls itself. Empty means "mullion".
	UserAgent string
}

// Client asks registries about images. It keeps connections but no answers. Safe for concurrent use.
type Client struct {
	transport *http.Transport
	insecure  map[string]bool
	userAgent string
}

// NewClient makes a client. Close frees its connections.
func NewClient(o Options) *Client {
	c := &Client{
		transport: newTransport(o, nil),
		insecure:  make(map[string]bool, len(o.InsecureHosts)),
		userAgent: o.UserAgent,
	}
	for _, host := range o.InsecureHosts {
		c.insecure[strings.ToLower(host)] = true
	}
	if c.userAgent == "" {
		c.userAgent = "mullion"
	}
	return c
}

// Close closes connections that are not in use.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Query is a question about one image.
type Query struct {
	Image reference.Reference
	// Credentials are tried in order; after them, the anonymous request.
	Credentials []authn.AuthConfig
	// Known returns what is already known of the image with this digest, or nil. It is called once the
	// registry has served these credentials that digest, and spares the requests for the image's parts.
	Known func(digest string) *policy.Image
	// Revalidate asks first which digest the reference has now, and fetches the manifest only if that digest
	// is not known. Registries that count pulls count manifests that are fetched, not this question.
	Revalidate bool
}

// Lookup answers a question. The context bounds all of it. An error is always an [*Error].
//
// Credentials that the registry refuses, or that see no such image, give way to the next. What is reported
// then is what the registry said to the first: that is the one the user meant.
func (c *Client) Lookup(ctx context.Context, query Query) (*policy.Image, error) {
	g := c.newGuard()
	var first *Error
	for _, auth := range append(query.Credentials[:len(query.Credentials):len(query.Credentials)], authn.AuthConfig{}) {
		image, err := c.newSession(g, query, auth).lookup(ctx)
		if err == nil {
			return image, nil
		}
		failure := asError(ctx, query.Image, err)
		if first == nil {
			first = failure
		}
		if failure.Reason != policy.ImageUnauthorized && failure.Reason != policy.ImageNotFound {
			return nil, failure
		}
	}
	return nil, first
}
