package keyring

import (
	"cmp"
	"net"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/pkg/image/reference"
)

// dockerHub is how references call Docker Hub. Docker's own client writes its credentials under
// https://index.docker.io/v1/ and kubelet takes the two for the same.
const (
	dockerHub       = "docker.io"
	dockerHubLegacy = "index.docker.io"
)

// pattern is the place that a credential is good for.
type pattern struct {
	// host may have globs, as path.Match understands them, in each part between dots.
	host string
	port string
	// path is "" or starts with a slash.
	path string
}

// parsePattern reads a key of a docker config: a host, a host and a path, or a URL.
func parsePattern(location string) (pattern, bool) {
	if !strings.HasPrefix(location, "https://") && !strings.HasPrefix(location, "http://") {
		location = "https://" + location
	}
	parsed, err := url.Parse(location)
	if err != nil || parsed.Host == "" {
		return pattern{}, false
	}
	host, port := splitPort(strings.ToLower(parsed.Host))
	if host == dockerHubLegacy {
		host = dockerHub
	}
	at := parsed.Path
	if strings.HasPrefix(at, "/v1/") || strings.HasPrefix(at, "/v2/") {
		// The registry's API root stands for the registry.
		at = at[len("/v1"):]
	}
	if at == "/" {
		at = ""
	}
	return pattern{host: host, port: port, path: at}, true
}

// matches tells whether the credential may be used for the image.
func (p pattern) matches(image reference.Reference) bool {
	host, port := splitPort(image.Registry())
	return p.port == port && matchHost(p.host, host) && strings.HasPrefix("/"+image.Repository(), p.path)
}

// matchHost compares part by part, so that the star of *.example.com does not reach across a dot.
func matchHost(glob, host string) bool {
	globs, parts := strings.Split(glob, "."), strings.Split(host, ".")
	if len(globs) != len(parts) {
		return false
	}
	for i := range globs {
		if ok, err := path.Match(globs[i], parts[i]); err != nil || !ok {
			return false
		}
	}
	return true
}

func splitPort(hostport string) (host, port string) {
	host, port, err := net.SplitHostPort(hostport)
	if err != nil {
		return hostport, ""
	}
	return host, port
}

// String is the pattern as kubelet keeps it in its index.
func (p pattern) String() string {
	if p.port == "" {
		return p.host + p.path
	}
	return net.JoinHostPort(p.host, p.port) + p.path
}

// sortBySpecificity puts the longer path before the shorter and the spelled-out host before the wildcard, by
// kubelet's own trick: reverse string order. Credentials of one pattern stay in the order given.
func sortBySpecificity(credentials []credential) {
	slices.SortStableFunc(credentials, func(a, b credential) int {
		return cmp.Compare(b.pattern.String(), a.pattern.String())
	})
}
