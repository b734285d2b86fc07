package app

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"testing"
	"time"

	"k8s.io/client-go/util/cert"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
)

func TestAServerThatLeavesSendsItsClientsAwayBeforeItCloses(t *testing.T) {
	port := freePort(t)
	server := &drainingServer{drain: 3 * time.Second, Server: webhook.NewServer(webhook.Options{
		Host: "127.0.0.1", Port: port, TLSOpts: []func(*tls.Config){selfSigned(t)},
	})}
	server.Register("/ask", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	ctx, leave := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Start(ctx) }()

	transport := &http.Transport{
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
	}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	url := "https://127.0.0.1:" + strconv.Itoa(port) + "/ask"
	waitUntil(t, "the server serves", func() bool { _, err := ask(t, client, url); return err == nil })

	if reused, err := ask(t, client, url); err != nil || !reused {
		t.Fatalf("before leaving: reused %v, %v: want the connection to be kept", reused, err)
	}
	leave()
	waitUntil(t, "the server is leaving", server.leaving.Load)
	if _, err := ask(t, client, url); err != nil {
		t.Fatalf("the request that is told to go: %v", err)
	}
	waitUntil(t, "the next request takes another connection", func() bool {
		reused, err := ask(t, client, url)
		return err == nil && !reused
	})
	if err := <-ended; err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

// ask makes a request and tells whether it went over a connection that was there already.
func ask(t *testing.T, client *http.Client, url string) (reused bool, err error) {
	t.Helper()
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused }}
	request, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), http.MethodPost, url, http.NoBody)
	if err != nil {
		return false, err
	}
	response, err := client.Do(request)
	if err != nil {
		return false, err
	}
	return reused, response.Body.Close()
}

func waitUntil(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for !holds() {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("waiting until %s: it did not happen in time", what)
		}
	}
}

func selfSigned(t *testing.T) func(*tls.Config) {
	t.Helper()
	certificate, key, err := cert.GenerateSelfSignedCertKey("127.0.0.1", []net.IP{net.IPv4(127, 0, 0, 1)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	return func(config *tls.Config) {
		config.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &pair, nil }
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}
