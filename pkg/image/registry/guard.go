package registry

import (
	"net/http"
	"sync/atomic"
)

const (
	// maxRequests is how many HTTP requests one look-up may make, redirects, retries and tokens included.
	maxRequests = 64
	// maxRedirects is how many redirects one request may follow.
	maxRedirects = 5
)

var (
	errTooManyRequests  = malformed("the image takes more than %d requests to examine", maxRequests)
	errTooManyRedirects = malformed("it redirects more than %d times", maxRedirects)
)

// plainHTTPError tells that a host would have been spoken to without TLS.
type plainHTTPError struct{ host string }

func (e *plainHTTPError) Error() string { return e.host + " is not listed as an insecure registry" }

// guard is the [http.RoundTripper] under every request of one look-up. It sees redirects and token requests
// as well as the requests that this package makes, so whatever it refuses is never sent.
type guard struct {
	next      http.RoundTripper
	insecure  map[string]bool
	userAgent string
	// left counts down from maxRequests.
	left atomic.Int32
}

func (c *Client) newGuard() *guard {
	g := &guard{next: c.transport, insecure: c.insecure, userAgent: c.userAgent}
	g.left.Store(maxRequests)
	return g
}

// RoundTrip refuses, or sends the request on.
func (g *guard) RoundTrip(request *http.Request) (*http.Response, error) {
	if g.left.Add(-1) < 0 {
		return nil, errTooManyRequests
	}
	if err := refuseHost(request.URL.Hostname()); err != nil {
		return nil, err
	}
	if request.URL.Scheme != "https" && !g.insecure[request.URL.Host] {
		return nil, &plainHTTPError{host: request.URL.Host}
	}
	request = request.Clone(request.Context())
	request.Header.Set("User-Agent", g.userAgent)
	return g.next.RoundTrip(request)
}

// exclusive adds an Authorization header to requests for one host and no other. The standard client does
// nearly that, but passes the header on to subdomains and to other ports of the same host.
type exclusive struct {
	next          http.RoundTripper
	host          string
	authorization string
}

// RoundTrip sends the request on, with the header or without.
func (e *exclusive) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.Header.Del("Authorization")
	if request.URL.Host == e.host && e.authorization != "" {
		request.Header.Set("Authorization", e.authorization)
	}
	return e.next.RoundTrip(request)
}

// httpClient sends requests that carry an authorization to one host.
func (g *guard) httpClient(host, authorization string) *http.Client {
	return &http.Client{
		Transport: &exclusive{next: g, host: host, authorization: authorization},
		CheckRedirect: func(_ *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return errTooManyRedirects
			}
			return nil
		},
	}
}
