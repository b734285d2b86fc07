package clusterfacts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"k8s.io/apimachinery/pkg/util/version"
	apiversion "k8s.io/apimachinery/pkg/version"
	"k8s.io/client-go/rest"
)

const (
	// serverTimeout bounds one API server's answer.
	serverTimeout = 5 * time.Second
	// maxVersionSize bounds it in bytes; it has some hundred.
	maxVersionSize = 64 << 10
	// serverName is a name that every API server's certificate has, whatever address it is reached at: pods use it.
	serverName = "kubernetes.default.svc"
)

// servers asks API servers for their versions.
type servers struct {
	// own is the URL by which the API server is reached from here, and through the client that goes there.
	own     string
	through *http.Client
	// direct is the client for the address of one API server.
	direct *http.Client
}

func newServers(config *rest.Config) (*servers, error) {
	base, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return nil, fmt.Errorf("reading the URL of the API server: %w", err)
	}
	through, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("making a client of the API server: %w", err)
	}
	each := rest.CopyConfig(config)
	each.ServerName = serverName
	direct, err := rest.HTTPClientFor(each)
	if err != nil {
		return nil, fmt.Errorf("making a client of each API server: %w", err)
	}
	return &servers{own: base.JoinPath("version").String(), through: through, direct: direct}, nil
}

// version asks the API server that is reached from here.
func (s *servers) version(ctx context.Context) (*version.Version, error) {
	return ask(ctx, s.through, s.own)
}

// versionAt asks the API server at an address, host:port.
func (s *servers) versionAt(ctx context.Context, address string) (*version.Version, error) {
	return ask(ctx, s.direct, (&url.URL{Scheme: "https", Host: address, Path: "/version"}).String())
}

func ask(ctx context.Context, client *http.Client, from string) (*version.Version, error) {
	ctx, cancel := context.WithTimeout(ctx, serverTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, from, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err // It names the URL.
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", from, response.Status)
	}
	var info apiversion.Info
	if err := json.NewDecoder(io.LimitReader(response.Body, maxVersionSize)).Decode(&info); err != nil {
		return nil, fmt.Errorf("%s: its answer is no version: %w", from, err)
	}
	parsed, err := version.ParseGeneric(info.GitVersion)
	if err != nil {
		return nil, errors.New(from + ": its answer is no version")
	}
	return parsed, nil
}
