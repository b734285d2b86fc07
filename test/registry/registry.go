package registry

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"

	ggcr "github.com/google/go-containerregistry/pkg/registry"
)

// Options say how a Registry is served. The zero value is anonymous, plain HTTP on a free port.
type Options struct {
	// TLS serves HTTPS with a self-signed certificate for 127.0.0.1; see Registry.CABundle.
	TLS bool
	// Username and Password, when not empty, are demanded of every client by HTTP basic authentication.
	Username, Password string
	// Address is the host:port to listen on. Empty means a free port of 127.0.0.1.
	Address string
}

// Registry is a running registry. Its methods may be called concurrently.
type Registry struct {
	server  *httptest.Server
	content http.Handler // The registry itself, without authentication, counting or faults.
	counts  *counter
	faults  *faults
}

// Start serves an empty registry until Close.
func Start(o Options) (*Registry, error) {
	address := o.Address
	if address == "" {
		address = "127.0.0.1:0"
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", address) // Does not wait for anything.
	if err != nil {
		return nil, fmt.Errorf("listening for registry clients on %s: %w", address, err)
	}

	quiet := log.New(io.Discard, "", 0)
	content := ggcr.New(ggcr.Logger(quiet))
	r := &Registry{content: content, counts: newCounter(), faults: &faults{}}
	handler := r.counts.wrap(r.faults.wrap(requireBasicAuth(o.Username, o.Password, content)))
	r.server = &httptest.Server{
		Listener: listener,
		// Clients that test how a registry fails break connections on purpose: their noise is not news.
		Config: &http.Server{Handler: handler, ErrorLog: quiet}, //nolint:gosec // The loopback clients are ours.
	}
	if o.TLS {
		r.server.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
		r.server.StartTLS()
	} else {
		r.server.Start()
	}
	return r, nil
}

// Host is the host:port that image references start with.
func (r *Registry) Host() string { return r.server.Listener.Addr().String() }

// URL is the registry's base URL, without a trailing slash.
func (r *Registry) URL() string { return r.server.URL }

// Reference is the image reference of a repository with a tag or digest in this registry, for example
// Reference("windows/nanoserver:ltsc2022").
func (r *Registry) Reference(name string) string { return r.Host() + "/" + name }

// CABundle is the PEM certificate that signs the HTTPS registry's own. It is nil for a plain HTTP registry.
func (r *Registry) CABundle() []byte {
	certificate := r.server.Certificate()
	if certificate == nil {
		return nil
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})
}

// Client returns an HTTP client that trusts the registry's certificate.
func (r *Registry) Client() *http.Client { return r.server.Client() }

// Close breaks all connections and frees the port. A second call does nothing.
func (r *Registry) Close() {
	r.server.CloseClientConnections()
	r.server.Close()
}

// requireBasicAuth answers 401 to requests without these credentials, and is absent when they are empty.
func requireBasicAuth(username, password string, next http.Handler) http.Handler {
	if username == "" && password == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if u, p, ok := req.BasicAuth(); !ok || u != username || p != password {
			w.Header().Set("WWW-Authenticate", `Basic realm="test registry"`)
			http.Error(w, `{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}`, http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, req)
	})
}

// direct is a transport into a handler of this process, without a network.
type direct struct{ handler http.Handler }

func (d direct) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := context.Cause(req.Context()); err != nil {
		return nil, err
	}
	if req.Body == nil {
		req.Body = http.NoBody
	}
	recorder := httptest.NewRecorder()
	d.handler.ServeHTTP(recorder, req)
	response := recorder.Result()
	response.Request = req
	return response, errors.Join(req.Body.Close())
}
