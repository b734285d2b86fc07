package registry

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// Limits of one connection. A look-up as a whole is bounded by its caller's context.
const (
	dialTimeout     = 5 * time.Second
	tlsTimeout      = 5 * time.Second
	idleTimeout     = 90 * time.Second
	maxIdlePerHost  = 4
	maxIdle         = 64
	maxHeaderBytes  = 64 << 10
	keepAlivePeriod = 30 * time.Second
)

// newTransport makes the one connection pool of a client. resolver is nil except in tests.
func newTransport(o Options, resolver *net.Resolver) *http.Transport {
	dialer := &net.Dialer{
		Timeout:   dialTimeout,
		KeepAlive: keepAlivePeriod,
		Resolver:  resolver,
		Control:   refuseAddress,
	}
	return &http.Transport{
		Proxy:       o.Proxy,
		DialContext: dialer.DialContext,
		// A document is compared with the digest of its bytes as sent, so it must come uncompressed; and a
		// small answer must not grow large on its way here.
		DisableCompression:     true,
		ForceAttemptHTTP2:      true,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConns:           maxIdle,
		MaxIdleConnsPerHost:    maxIdlePerHost,
		MaxResponseHeaderBytes: maxHeaderBytes,
		TLSClientConfig:        &tls.Config{RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    tlsTimeout,
	}
}
